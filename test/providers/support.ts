import { TokenManager } from 'tokenward'
import { oauthClient, type OAuthClient } from 'tokenward/oauth'
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from 'tokenward/testing'
import { onTestFinished } from 'vitest'
import type { Preset } from './presets.js'

const REDIRECT_URI = 'https://app.example.com/callback'

const CLIENT = { clientId: 'a-client', clientSecret: 'a-secret' }

/** The emulated server, and a client of it that knows nothing but the preset. */
export function connected(preset: Preset, options: AuthorizationServerOptions = {}) {
  const server = createAuthorizationServer({ as: preset.name, ...CLIENT, ...options })
  return { server, oauth: clientOf(preset, server) }
}

export function clientOf(
  { provider, variables }: Preset,
  server: AuthorizationServer,
  clientSecret = CLIENT.clientSecret,
): OAuthClient {
  return oauthClient({
    provider,
    clientId: CLIENT.clientId,
    clientSecret,
    redirectUri: REDIRECT_URI,
    fetch: server.fetch,
    ...(variables && { variables }),
  })
}

/** A login by authorization code, without a browser. */
export async function logIn(server: AuthorizationServer, oauth: OAuthClient) {
  const request = await oauth.authorizationRequest({ scope: 'read write' })
  const { status, headers } = await server.fetch(request.url)
  if (status !== 302) throw new Error(`The authorization endpoint answered ${status}`)
  return oauth.authorizationCode(headers.get('location')!, request)
}

/** A session that a login has begun. */
export async function signedIn(preset: Preset, options: AuthorizationServerOptions = {}) {
  const { server, oauth } = connected(preset, options)
  const { endpoints, issuer } = preset.provider
  const canRevoke = issuer !== undefined || endpoints?.revocation !== undefined
  const tokens = new TokenManager({
    refresh: oauth.refreshToken(),
    ...(canRevoke && { revoke: oauth.revoke() }),
  })
  onTestFinished(() => tokens.close())
  await tokens.setTokens(await logIn(server, oauth))
  return { server, oauth, tokens, canRevoke }
}

/** The error of what is expected to fail. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('It did not fail')
    },
    (error: unknown) => error as Error,
  )
}
