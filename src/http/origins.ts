import { check, checkValue, optionError } from '../checks.js'
import { isTokenError, TokenOptionsError } from '../errors.js'
import type { Credential } from '../token-source.js'

/** Where a URL leads, as far as a token is concerned. */
export interface Destination {
  readonly isBound: boolean
  /** Whether the URL itself carries credentials (`https://user:password@host`). */
  readonly hasCredentials: boolean
}

/**
 * The session of a token, for a function that tells the origins it belongs to.
 *
 * @public
 */
export interface OriginsContext {
  readonly sessionId: string | undefined
  /** What else the token response said (`TokenSet.extra`); empty where it said nothing. */
  readonly extra: Readonly<Record<string, unknown>>
}

/**
 * The origins (scheme, host and port) that tokens may be sent to: a list, or a function of the
 * token's session, for APIs whose host differs by tenant.
 *
 * @public
 */
export type OriginsOption = readonly string[] | ((session: OriginsContext) => readonly string[])

/** @internal */
export const NOWHERE: Destination = { isBound: false, hasCredentials: false }

const anOrigins = check(
  'a non-empty array of origins, or a function that returns one',
  (value) => typeof value === 'function' || (Array.isArray(value) && value.length > 0),
)

/**
 * The origins that a token is bound to: scheme, host and port, all three (RFC 6454 §4).
 *
 * @internal
 */
export class Origins {
  readonly #bound: ReadonlySet<string>
  #lastBase: string | undefined
  #lastDestination = NOWHERE

  /** @throws TokenOptionsError unless each is an HTTP or HTTPS origin and nothing else */
  constructor(owner: string, origins: readonly string[]) {
    this.#bound = new Set(origins.map((origin) => checkedOrigin(owner, origin)))
  }

  /** Where the host of a tenant moved to: the first. */
  get first(): string {
    const [first] = this.#bound
    return first!
  }

  /** Judges an absolute URL as URL parsers see it; what is none leads nowhere. */
  destinationOf(url: string): Destination {
    const parsed = parse(url)
    if (!parsed) return NOWHERE
    return {
      isBound: this.#bound.has(parsed.origin),
      hasCredentials: parsed.username !== '' || parsed.password !== '',
    }
  }

  /** The same, for a base that most requests share: it is parsed once. */
  destinationOfBase(base: string): Destination {
    if (base !== this.#lastBase) {
      this.#lastDestination = this.destinationOf(base)
      this.#lastBase = base
    }
    return this.#lastDestination
  }
}

/** The origins of an adapter: the same for all tokens, or by the session of each. @internal */
export interface BoundOrigins {
  /** `undefined`: it takes the token's session to tell. */
  readonly always: Origins | undefined
  /** @throws TokenOptionsError if the user's function throws, or gives no list of origins */
  of(credential: Credential): Origins
}

/** @throws TokenOptionsError @internal */
export function bindOrigins(owner: string, option: OriginsOption): BoundOrigins {
  checkValue(owner, 'origins', option, anOrigins)
  if (typeof option !== 'function') {
    const always = new Origins(owner, option)
    return { always, of: () => always }
  }
  let last: { extra: unknown; sessionId: unknown; origins: Origins } | undefined
  return {
    always: undefined,
    of({ sessionId, extra }) {
      if (last && extra && last.extra === extra && last.sessionId === sessionId) return last.origins
      const origins = new Origins(owner, askFor(owner, option, { sessionId, extra: extra ?? {} }))
      last = { extra, sessionId, origins }
      return origins
    },
  }
}

/**
 * Whether a request to this destination gets a token in this header: it goes where the token
 * belongs, and brings no credentials of its own. Those of the option or of the URL become an
 * `Authorization`.
 *
 * @internal
 */
export function takesToken(
  destination: Destination,
  header: string,
  hasCredentials = false,
): boolean {
  if (!destination.isBound) return false
  return !(hasCredentials || destination.hasCredentials) || header.toLowerCase() !== 'authorization'
}

/**
 * Where a request goes whose tenant's host has moved; `undefined` if it was none of the tenant's.
 *
 * @internal
 */
export function movedUrl(url: string, before: Origins, after: Origins): string | undefined {
  if (originOf(url) !== before.first) return undefined
  const { pathname, search } = new URL(url)
  return `${after.first}${pathname}${search}`
}

/**
 * The origin of an absolute HTTP or HTTPS URL; `undefined` for anything else.
 *
 * @internal
 */
export function originOf(url: unknown): string | undefined {
  const parsed = typeof url === 'string' ? parse(url) : undefined
  return parsed && isHttp(parsed) ? parsed.origin : undefined
}

function askFor(
  owner: string,
  option: (session: OriginsContext) => readonly string[],
  context: OriginsContext,
): readonly string[] {
  let given: unknown
  try {
    given = option(context)
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    throw new TokenOptionsError(`${owner}: \`origins\` threw an error`, { cause })
  }
  checkValue(owner, 'origins', given, check('a function that returns a non-empty array of origins', (value) => Array.isArray(value) && value.length > 0)) // prettier-ignore
  return given as string[]
}

function checkedOrigin(owner: string, given: unknown): string {
  const parsed = typeof given === 'string' ? parse(given) : undefined
  const isOrigin =
    parsed !== undefined &&
    isHttp(parsed) &&
    !parsed.hostname.includes('*') &&
    `${parsed.origin}/` === parsed.href
  if (isOrigin) return parsed.origin
  const expected = 'origins such as "https://api.example.com", without path or wildcard'
  if (typeof given !== 'string' || given.includes('@')) {
    throw optionError(owner, 'origins', expected, given)
  }
  throw new TokenOptionsError(`${owner}: \`origins\` must be ${expected}, got "${given}"`)
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
