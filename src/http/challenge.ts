/**
 * One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1).
 *
 * @internal
 */
export interface Challenge {
  /** In lower case: schemes are compared without regard to case. */
  readonly scheme: string
  /** Names in lower case. The first of a name wins. */
  readonly params: ReadonlyMap<string, string>
  readonly token68?: string
}

const TOKEN = /[!#$%&'*+\-.^_`|~\dA-Za-z]+/y
const TOKEN68 = /[A-Za-z\d\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const QUOTED = /"((?:[^"\\]|\\[^])*)"?/y
/** Servers leave out quotes around URLs and the like: up to the next separator. */
const BARE = /[^\s,"]+/y
const EQUALS = /[ \t]*=[ \t]*/y
const SPACE = /[ \t]+/y
const SEPARATORS = /[ \t,]+/y
const UNREADABLE = /(?:"(?:[^"\\]|\\[^])*"?|[^,"])+/y

/** A server may send headers of any length. */
const MOST_CHARACTERS = 16_384
const MOST_LINES = 50

/**
 * All challenges of all header lines, in order, of a bounded beginning. What cannot be read is
 * skipped up to the next comma, never thrown.
 *
 * @internal
 */
export function parseChallenges(
  header: string | readonly string[] | null | undefined,
): Challenge[] {
  if (!header) return []
  const lines = typeof header === 'string' ? [header] : header.slice(0, MOST_LINES)
  return lines.flatMap((line) => parseLine(line.slice(0, MOST_CHARACTERS)))
}

function parseLine(line: string): Challenge[] {
  const reader = new Reader(line)
  const challenges: Challenge[] = []
  let params: Map<string, string> | undefined
  for (reader.take(SEPARATORS); !reader.atEnd; reader.take(SEPARATORS)) {
    const word = reader.take(TOKEN)
    if (word === undefined) {
      reader.take(UNREADABLE)
    } else if (reader.take(EQUALS) !== undefined) {
      addParam(params, word, reader.takeValue())
    } else {
      params = new Map()
      challenges.push(startChallenge(word, params, reader))
    }
  }
  return challenges
}

function startChallenge(scheme: string, params: Map<string, string>, reader: Reader): Challenge {
  const token68 = reader.take(SPACE) === undefined ? undefined : reader.take(TOKEN68)
  const challenge = { scheme: scheme.toLowerCase(), params }
  return token68 === undefined ? challenge : { ...challenge, token68 }
}

function addParam(params: Map<string, string> | undefined, name: string, value: string): void {
  const key = name.toLowerCase()
  if (params && !params.has(key)) params.set(key, value)
}

/** Sticky matches from left to right: no position is looked at twice. */
class Reader {
  #at = 0

  constructor(readonly text: string) {}

  get atEnd(): boolean {
    return this.#at >= this.text.length
  }

  take(pattern: RegExp): string | undefined {
    return this.#match(pattern)?.[0]
  }

  takeValue(): string {
    const quoted = this.#match(QUOTED)
    if (quoted) return (quoted[1] as string).replace(/\\([^])/g, '$1')
    return this.take(BARE) ?? ''
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.text)
    if (match) this.#at = pattern.lastIndex
    return match
  }
}
