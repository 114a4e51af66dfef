import type { ClientAuth } from 'oauth4webapi'
import { isTokenError, RefreshUnavailableError, TokenOptionsError } from '../errors.js'
import { secretAuthentication, type ClientAuthMethod } from './client-auth.js'
import { flawOfKey, keyAuthentication, secretsOfKey, type ClientKey } from './client-key.js'
import { textCheck, type OptionCheck } from './option-checks.js'

/** What one request is authenticated with. @internal */
export interface Credentials {
  readonly authenticate: ClientAuth
  /** What must not be shown, should the server quote it. */
  readonly secrets: readonly string[]
}

/**
 * The credentials of one attempt: a function of the user's is asked each time.
 *
 * @throws RefreshUnavailableError `not-sent` if that function fails
 * @throws TokenOptionsError if a secret or key is not what it must be
 * @internal
 */
export type CredentialSource = () => Promise<Credentials>

/** @internal */
export interface CredentialOptions {
  clientSecret?: string | (() => string | Promise<string>)
  clientKey?: ClientKey | (() => ClientKey | Promise<ClientKey>)
}

/** @internal */
export function createCredentials(
  method: ClientAuthMethod,
  { clientSecret, clientKey }: CredentialOptions,
): CredentialSource {
  if (clientKey !== undefined) return keyCredentials(clientKey)
  const credentials = (secret: string): Credentials => ({
    authenticate: orBadOption('clientSecret', secretAuthentication(method, secret)),
    secrets: [secret],
  })
  if (typeof clientSecret === 'function') {
    return async () => credentials(await ask('clientSecret', clientSecret, textCheck))
  }
  const fixed = credentials(clientSecret ?? '')
  return async () => fixed
}

function keyCredentials(clientKey: NonNullable<CredentialOptions['clientKey']>): CredentialSource {
  const credentials = async (key: ClientKey): Promise<Credentials> => ({
    authenticate: orBadOption('clientKey', await read(key)),
    secrets: secretsOfKey(key),
  })
  if (typeof clientKey === 'function') {
    return async () => credentials(await ask('clientKey', clientKey, flawOfKey))
  }
  let fixed: Promise<Credentials> | undefined
  return () => (fixed ??= credentials(clientKey))
}

async function read(key: ClientKey): Promise<ClientAuth> {
  try {
    return await keyAuthentication(key)
  } catch (cause) {
    throw badOption('clientKey', 'a key that Web Crypto can import wanted', cause)
  }
}

/** What the user's function gives; it may fail for now, as whatever it asks may. */
async function ask<T>(name: string, give: () => T | Promise<T>, check: OptionCheck): Promise<T> {
  let given: T
  try {
    given = await give()
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    throw new RefreshUnavailableError(`\`${name}\` could not be had: its function failed`, {
      outcome: 'not-sent',
      cause,
    })
  }
  const flaw = check(given)
  if (flaw) throw badOption(name, `of its function: ${flaw}`)
  return given
}

/** What fails here was not sent, and will fail again: a key too short to sign with. */
function orBadOption(name: string, authenticate: ClientAuth): ClientAuth {
  return async (...request) => {
    try {
      await authenticate(...request)
    } catch (cause) {
      throw badOption(name, 'it cannot be used to authenticate', cause)
    }
  }
}

function badOption(name: string, flaw: string, cause?: unknown): TokenOptionsError {
  return new TokenOptionsError(`oauthClient: \`${name}\`: ${flaw}`, { cause })
}
