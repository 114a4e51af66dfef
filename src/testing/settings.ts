import {
  aBoolean,
  aText,
  check,
  checkOptions,
  checkValue,
  milliseconds,
  optionError,
  type Check,
} from '../checks.js'
import type { Emulation } from './emulation.js'
import type { AuthorizationServerOptions } from './options.js'
import { EMULATIONS } from './providers/index.js'

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
  readonly redirectUris: readonly string[] | undefined
  readonly requirePkce: boolean
  readonly requirePushedRequests: boolean
  readonly deviceIntervalMs: number
}

interface Client {
  readonly id: string
  readonly secret: string | undefined
  readonly auth: readonly string[]
}

const OWNER = 'createAuthorizationServer'

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post']

/** Each option by its name, so that none is forgotten: a misspelt one must not go unnoticed. */
const CHECKS: Readonly<Record<keyof AuthorizationServerOptions, Check>> = {
  as: oneOf(...Object.keys(EMULATIONS)),
  issuer: check('an absolute HTTP or HTTPS URL without query or fragment', isIssuer),
  clientId: aText,
  clientSecret: aText,
  clientAuth: oneOf(...SECRET_METHODS, 'none'),
  accessTokenFormat: oneOf('jwt', 'opaque'),
  accessTokenLifetimeMs: milliseconds,
  omitExpiresIn: aBoolean,
  rotation: aBoolean,
  reuseGraceMs: milliseconds,
  repeatRefreshToken: aBoolean,
  clockOffsetMs: check('a finite number of milliseconds', Number.isFinite),
  scope: aText,
  redirectUris: check('an array of absolute URLs', isUrlList),
  requirePkce: aBoolean,
  requirePushedRequests: aBoolean,
  deviceIntervalMs: milliseconds,
}

/** @throws TokenOptionsError if an option is unknown or not what its docs want */
export function readSettings(given: AuthorizationServerOptions): Settings {
  checkOptions(OWNER, given, CHECKS)
  const options = withDefaultsOf(given.as && EMULATIONS[given.as], given)
  return {
    issuer: options.issuer ?? 'https://auth.example.com',
    client: readClient(options),
    accessTokenFormat: options.accessTokenFormat ?? 'jwt',
    accessTokenLifetimeMs: options.accessTokenLifetimeMs ?? 300_000,
    omitExpiresIn: options.omitExpiresIn ?? false,
    rotation: options.rotation ?? true,
    reuseGraceMs: options.reuseGraceMs ?? 0,
    repeatRefreshToken: options.repeatRefreshToken ?? false,
    clockOffsetMs: options.clockOffsetMs ?? 0,
    scope: options.scope,
    redirectUris: options.redirectUris && [...options.redirectUris],
    requirePkce: options.requirePkce ?? isPublic(options),
    requirePushedRequests: options.requirePushedRequests ?? false,
    deviceIntervalMs: options.deviceIntervalMs ?? 5_000,
  }
}

/** The emulated server's own defaults, in place of ours. */
function withDefaultsOf(
  emulation: Emulation | undefined,
  given: AuthorizationServerOptions,
): AuthorizationServerOptions {
  if (!emulation) return given
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return { issuer: emulation.issuer, ...emulation.options, ...Object.fromEntries(said) }
}

/** A public client has an identifier and no secret (RFC 6749 §2.1). */
function isPublic({ clientId, clientSecret }: AuthorizationServerOptions): boolean {
  return clientId !== undefined && clientSecret === undefined
}

function readClient(options: AuthorizationServerOptions): Client | undefined {
  const { clientId: id, clientSecret: secret, clientAuth } = options
  if (id === undefined) {
    if (secret === undefined && clientAuth === undefined) return undefined
    throw optionError(OWNER, 'clientId', 'given with `clientSecret` or `clientAuth`', id)
  }
  const possible = secret === undefined ? ['none'] : SECRET_METHODS
  if (clientAuth === undefined) return { id, secret, auth: possible }
  checkValue(OWNER, 'clientAuth', clientAuth, oneOf(...possible))
  return { id, secret, auth: [clientAuth] }
}

function isIssuer(value: unknown): boolean {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && !url.search && !url.hash
}

function isUrlList(value: unknown): boolean {
  const isUrl = (each: unknown) => typeof each === 'string' && URL.canParse(each)
  return Array.isArray(value) && value.every(isUrl)
}

export function oneOf(...allowed: readonly string[]): Check {
  return check(`one of ${allowed.join(', ')}`, (value) => allowed.includes(value as string))
}
