import { TokenOptionsError } from '../errors.js'

/**
 * How a test's authorization server behaves. Each default is what a careful server does.
 *
 * @public
 */
export interface AuthorizationServerOptions {
  /**
   * The issuer identifier, an absolute URL without query or fragment (RFC 8414 §2). While the
   * server listens on loopback, its issuer is the loopback address instead.
   *
   * @default 'https://auth.example.com'
   */
  issuer?: string
  /** The one client that the server knows. Without it, client authentication is not checked. */
  clientId?: string
  /** The client's secret. With a `clientId` and no secret, the client is a public one. */
  clientSecret?: string
  /**
   * How the client must authenticate (RFC 6749 §2.3).
   *
   * @default either of `client_secret_basic` and `client_secret_post`; `none` for a public client
   */
  clientAuth?: 'client_secret_basic' | 'client_secret_post' | 'none'
  /**
   * `jwt`: three parts with `iss`, `sub`, `aud`, `iat`, `exp` and `jti`, `exp` rounded down to the
   * second as real servers do, and a dummy signature. `opaque`: a random string.
   *
   * @default 'jwt'
   */
  accessTokenFormat?: 'jwt' | 'opaque'
  /**
   * How long an access token is valid, in milliseconds. `expires_in` is this in seconds.
   *
   * @default 300_000
   */
  accessTokenLifetimeMs?: number
  /** Leaves `expires_in` out of every answer (RFC 6749 §5.1 only recommends it). @default false */
  omitExpiresIn?: boolean
  /**
   * Whether each refresh gives a new refresh token and spends the old one. A spent one that comes
   * again ends the session with all its tokens (RFC 9700 §4.14.2).
   *
   * @default true
   */
  rotation?: boolean
  /**
   * How long after it was first spent a refresh token is accepted again, in milliseconds.
   *
   * @default 0
   */
  reuseGraceMs?: number
  /** Without rotation: whether an answer repeats the refresh token. @default false */
  repeatRefreshToken?: boolean
  /**
   * How far the server's clock is ahead of the local one, in milliseconds; negative: behind. It
   * shows in the `Date` header and in `iat` and `exp`.
   *
   * @default 0
   */
  clockOffsetMs?: number
  /** The scope of a session that does not name its own; space-separated. @default none */
  scope?: string
}

/** The options, checked and complete. */
export interface Settings {
  readonly issuer: string
  readonly client: Client | undefined
  readonly accessTokenFormat: 'jwt' | 'opaque'
  readonly accessTokenLifetimeMs: number
  readonly omitExpiresIn: boolean
  readonly rotation: boolean
  readonly reuseGraceMs: number
  readonly repeatRefreshToken: boolean
  readonly clockOffsetMs: number
  readonly scope: string | undefined
}

interface Client {
  readonly id: string
  readonly secret: string | undefined
  readonly auth: readonly string[]
}

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post']

/** Each option by its name, so that none is forgotten: a misspelt one must not go unnoticed. */
const KNOWN: Record<keyof AuthorizationServerOptions, true> = {
  issuer: true,
  clientId: true,
  clientSecret: true,
  clientAuth: true,
  accessTokenFormat: true,
  accessTokenLifetimeMs: true,
  omitExpiresIn: true,
  rotation: true,
  reuseGraceMs: true,
  repeatRefreshToken: true,
  clockOffsetMs: true,
  scope: true,
}

/** @throws TokenOptionsError if an option is unknown or not what its docs want */
export function readOptions(options: AuthorizationServerOptions): Settings {
  assertKnown(options)
  return {
    issuer: issuerUrl(options.issuer ?? 'https://auth.example.com'),
    client: readClient(options),
    accessTokenFormat: oneOf('accessTokenFormat', options.accessTokenFormat ?? 'jwt', [
      'jwt',
      'opaque',
    ]),
    accessTokenLifetimeMs: duration(
      'accessTokenLifetimeMs',
      options.accessTokenLifetimeMs ?? 300_000,
    ),
    omitExpiresIn: flag('omitExpiresIn', options.omitExpiresIn ?? false),
    rotation: flag('rotation', options.rotation ?? true),
    reuseGraceMs: duration('reuseGraceMs', options.reuseGraceMs ?? 0),
    repeatRefreshToken: flag('repeatRefreshToken', options.repeatRefreshToken ?? false),
    clockOffsetMs: finite('clockOffsetMs', options.clockOffsetMs ?? 0),
    scope: optionalText('scope', options.scope),
  }
}

/** The issuer as its endpoints extend it: some issuers end with a slash, no endpoint doubles it. */
export function baseOf(issuer: string): string {
  return issuer.replace(/\/$/, '')
}

/** Of an issuer, what stands after the host; '' where nothing does. */
export function pathOf(issuer: string): string {
  return issuer.replace(/^https?:\/\/[^/]+/i, '')
}

/** @throws TokenOptionsError unless it is a finite number of milliseconds from 0 up */
export function duration(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw unwanted(name, 'a finite number of milliseconds, 0 or more', value)
}

/** The values given are never secrets: secrets are judged by their type alone. */
export function unwanted(name: string, wanted: string, given: unknown): TokenOptionsError {
  const shown = typeof given === 'object' ? 'an object' : (given as string)
  return new TokenOptionsError(`${name}: ${wanted} wanted, got ${shown}`)
}

function assertKnown(options: object): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(KNOWN, name)) continue
    const known = Object.keys(KNOWN).join(', ')
    throw new TokenOptionsError(`${name}: no option of the server, which has ${known}`)
  }
}

function readClient(options: AuthorizationServerOptions): Client | undefined {
  const id = optionalText('clientId', options.clientId)
  const secret = options.clientSecret
  if (secret !== undefined && (typeof secret !== 'string' || secret === '')) {
    throw new TokenOptionsError('clientSecret: a non-empty string wanted, got something else')
  }
  const possible = secret === undefined ? ['none'] : SECRET_METHODS
  const auth =
    options.clientAuth === undefined
      ? possible
      : [oneOf('clientAuth', options.clientAuth, possible)]
  if (id !== undefined) return { id, secret, auth }
  if (secret === undefined && options.clientAuth === undefined) return undefined
  throw new TokenOptionsError('clientId: wanted with clientSecret or clientAuth, got none')
}

function issuerUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw unwanted('issuer', 'an absolute http(s) URL without query or fragment', value)
  }
  return String(value)
}

function finite(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw unwanted(name, 'a finite number of milliseconds', value)
}

function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw unwanted(name, 'a boolean', value)
}

function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw unwanted(name, 'a non-empty string', value)
}

function oneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  throw unwanted(name, `one of ${allowed.join(', ')}`, value)
}
