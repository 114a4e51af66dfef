import { TokenOptionsError } from '../errors.js'

/** Where a URL leads, as far as a token is concerned. */
export interface Target {
  readonly isBound: boolean
  /** Whether the URL itself carries credentials (`https://user:password@host`). */
  readonly hasCredentials: boolean
}

const NOWHERE: Target = { isBound: false, hasCredentials: false }

/**
 * The origins that a token is bound to: scheme, host and port, all three (RFC 6454 §4).
 *
 * @internal
 */
export class Origins {
  readonly #bound: ReadonlySet<string>
  #lastBase: string | undefined
  #lastTarget = NOWHERE

  /** @throws TokenOptionsError unless each is an http or https origin and nothing else */
  constructor(origins: readonly string[]) {
    this.#bound = new Set(origins.map(checkedOrigin))
  }

  /** Judges an absolute URL as URL parsers see it; what is none leads nowhere. */
  targetOf(url: string): Target {
    const parsed = parse(url)
    if (!parsed) return NOWHERE
    return {
      isBound: this.#bound.has(parsed.origin),
      hasCredentials: parsed.username !== '' || parsed.password !== '',
    }
  }

  /** The same, for a base that most requests share: it is parsed once. */
  targetOfBase(base: string): Target {
    if (base !== this.#lastBase) {
      this.#lastTarget = this.targetOf(base)
      this.#lastBase = base
    }
    return this.#lastTarget
  }
}

/**
 * Whether a request to this target gets a token in this header: it goes where the token belongs,
 * and brings no credentials of its own. Those of the option or of the URL become an
 * `Authorization`.
 *
 * @internal
 */
export function takesToken(target: Target, header: string, hasCredentials = false): boolean {
  if (!target.isBound) return false
  return !(hasCredentials || target.hasCredentials) || header.toLowerCase() !== 'authorization'
}

/**
 * The origin of an absolute http or https URL; `undefined` for anything else.
 *
 * @internal
 */
export function originOf(url: unknown): string | undefined {
  const parsed = typeof url === 'string' ? parse(url) : undefined
  return parsed && isHttp(parsed) ? parsed.origin : undefined
}

function checkedOrigin(given: unknown): string {
  const parsed = typeof given === 'string' ? parse(given) : undefined
  const isOrigin =
    parsed !== undefined &&
    isHttp(parsed) &&
    !parsed.hostname.includes('*') &&
    `${parsed.origin}/` === parsed.href
  if (isOrigin) return parsed.origin
  const shown = typeof given === 'string' && !given.includes('@') ? `"${given}"` : typeof given
  throw new TokenOptionsError(
    `origins: each must be an origin such as "https://api.example.com", without path or wildcard, got ${shown}`,
  )
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}
