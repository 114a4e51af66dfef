import type { ClientAuth } from 'oauth4webapi'
import { aText, badOption, flawOf, type Check } from '../checks.js'
import { isTokenError, RefreshUnavailableError } from '../errors.js'
import { assertionAuthentication } from './client-assertion.js'
import {
  CLIENT_AUTH_METHODS,
  secretAuthentication,
  secretlessAuthentication,
  type ClientAuthMethod,
} from './client-auth.js'
import { flawOfKey, keyAuthentication, secretsOfKey, type ClientKey } from './client-key.js'
import { basicCredentials } from './client-secret-basic.js'

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
export type CredentialSource = (method: ClientAuthMethod) => Promise<Credentials>

/** @internal */
export interface CredentialOptions {
  clientId: string
  clientSecret?: string | (() => string | Promise<string>)
  clientKey?: ClientKey | (() => ClientKey | Promise<ClientKey>)
  clientAssertion?: () => string | Promise<string>
}

/** @internal */
export function createCredentials(options: CredentialOptions): CredentialSource {
  const { clientKey, clientAssertion } = options
  const byKey = clientKey === undefined ? undefined : keyCredentials(clientKey)
  const bySecret = secretCredentials(options)
  return (method) => {
    switch (CLIENT_AUTH_METHODS[method]) {
      case 'clientSecret':
        return bySecret(method)
      case 'clientKey':
        return clientAssertion ? assertionCredentials(clientAssertion) : byKey!()
      case undefined:
        return Promise.resolve({ authenticate: secretlessAuthentication(method), secrets: [] })
    }
  }
}

function secretCredentials({ clientId, clientSecret }: CredentialOptions): CredentialSource {
  const credentials = (method: ClientAuthMethod, secret: string): Credentials => ({
    authenticate: orBadOption('clientSecret', secretAuthentication(method, secret)),
    secrets: [secret, ...basicCredentials(clientId, secret)],
  })
  if (typeof clientSecret === 'function') {
    return async (method) => credentials(method, await ask('clientSecret', clientSecret, aText))
  }
  const made = new Map<ClientAuthMethod, Credentials>()
  return (method) => {
    const fixed = made.get(method) ?? credentials(method, clientSecret ?? '')
    made.set(method, fixed)
    return Promise.resolve(fixed)
  }
}

async function assertionCredentials(
  give: NonNullable<CredentialOptions['clientAssertion']>,
): Promise<Credentials> {
  const assertion = await ask('clientAssertion', give, aText)
  const bare = assertion.trim() // a file may end with a line
  return { authenticate: assertionAuthentication(bare), secrets: [bare] }
}

function keyCredentials(
  clientKey: NonNullable<CredentialOptions['clientKey']>,
): () => Promise<Credentials> {
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
    throw badOption('oauthClient', 'clientKey', 'must be a key that Web Crypto can import', cause)
  }
}

/** What the user's function gives; it may fail for now, as whatever it asks may. */
async function ask<T>(name: string, give: () => T | Promise<T>, check: Check): Promise<T> {
  let given: T
  try {
    given = await give()
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    throw new RefreshUnavailableError(`The function that was passed as \`${name}\` failed`, {
      outcome: 'not-sent',
      cause,
    })
  }
  const flaw = flawOf(check, given)
  if (flaw) throw badOption('oauthClient', name, `is a function, and its result ${flaw}`)
  return given
}

/** What fails here was not sent, and will fail again: a key too short to sign with. */
function orBadOption(name: string, authenticate: ClientAuth): ClientAuth {
  return async (...request) => {
    try {
      await authenticate(...request)
    } catch (cause) {
      throw badOption('oauthClient', name, 'cannot be used to authenticate', cause)
    }
  }
}
