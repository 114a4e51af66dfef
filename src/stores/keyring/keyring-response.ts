import { ANSWER_MARK } from './keyring-program.js'

/** What the process that asks the keyring has found. */
export interface KeyringResponse {
  readonly key?: string | undefined
  /** How far it came, where it failed. */
  readonly stage?: string | undefined
  readonly error?: string | undefined
}

/** A response has a hundred characters, and a line of what preloaded modules print is no longer. */
const LONGEST_LINE = 64 * 1024

/**
 * Finds the response in what the process prints: one line of many, since preloaded modules print what
 * they like. No more is kept than one line.
 *
 * @returns takes the next part, and returns the response once it is there
 * @throws Error if a line has no end, or the response is none
 * @internal
 */
export function createResponseReader(): (part: string) => KeyringResponse | undefined {
  let begun = ''
  return (part) => {
    const lines = part.split('\n')
    lines[0] = begun + lines[0]!
    begun = lines.pop()!
    if (begun.length > LONGEST_LINE) throw new Error('It printed a line that does not end')
    const response = lines.find((line) => line.startsWith(ANSWER_MARK))
    return response === undefined ? undefined : responseIn(response.slice(ANSWER_MARK.length))
  }
}

function responseIn(text: string): KeyringResponse {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    // The parser's message quotes the text, and the key is in it.
  }
  if (typeof read !== 'object' || read === null) throw new Error('Its response is not JSON')
  const { key, stage, error } = read as Record<string, unknown>
  return { key: textOf(key), stage: textOf(stage), error: textOf(error) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
