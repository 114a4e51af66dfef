import { importJWK, jwtVerify, type JWK } from 'jose'
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { JWT_BEARER, TOKEN_EXCHANGE } from './clients.js'

/** For what oidc-provider leaves to its users: who may ask, and with what. */
export function registerExtensionGrants(provider: Provider, publicJwk: JWK): void {
  provider.registerGrantType(
    JWT_BEARER,
    async (context) => {
      const { assertion } = context.oidc.params
      const { keys } = context.oidc.client.jwks!
      const key = await importJWK(keys[0] as JWK)
      await answer(provider, context, () =>
        jwtVerify(assertion as string, key, { audience: provider.issuer, requiredClaims: ['jti'] }),
      )
    },
    ['assertion', 'scope'],
  )
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async (context) => {
      const { subject_token: subjectToken } = context.oidc.params
      const key = await importJWK(publicJwk, 'RS256')
      await answer(provider, context, () =>
        jwtVerify(subjectToken as string, key, { issuer: provider.issuer }),
      )
    },
    ['subject_token', 'subject_token_type', 'requested_token_type', 'scope', 'audience'],
  )
}

/** What was presented is good, or it is refused as RFC 7521 §4.1.1 has it. */
async function answer(
  provider: Provider,
  context: KoaContextWithOIDC,
  verify: () => Promise<unknown>,
): Promise<void> {
  try {
    await verify()
  } catch {
    context.status = 400
    context.body = { error: 'invalid_grant' }
    return
  }
  const token = new provider.ClientCredentials({ client: context.oidc.client!, scope: undefined! })
  context.body = {
    access_token: await token.save(),
    token_type: 'Bearer',
    expires_in: token.expiration,
    ...(context.oidc.params!.grant_type === TOKEN_EXCHANGE && {
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }),
  }
}
