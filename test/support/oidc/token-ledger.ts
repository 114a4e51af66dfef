import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'

interface TokenRequest {
  readonly grantType: string
  readonly status: number
  /** The `error` of the answer (RFC 6749 §5.2). */
  readonly error: string | undefined
}

/** What arrived at a token endpoint, in order, and what came of it. */
export class TokenLedger {
  readonly requests: TokenRequest[] = []
  /** How often a refresh token came that had been spent before. */
  reuse = 0
  /** How often the server itself saw that, and took the session back. */
  reuseDetected = 0
  readonly #spent = new Set<string>()

  constructor(provider: Provider) {
    const path = provider.pathFor('token')
    provider.use(async (context, next) => {
      await next()
      if (context.path === path) this.#record(context as KoaContextWithOIDC)
    })
    provider.on('grant.error', (_context, { error_detail: detail }) => {
      if (detail === 'refresh token already used') this.reuseDetected += 1
    })
  }

  /** The requests of one grant type. */
  of(grantType: string): TokenRequest[] {
    return this.requests.filter((request) => request.grantType === grantType)
  }

  #record({ oidc, status, body }: KoaContextWithOIDC): void {
    const { grant_type: grantType, refresh_token: refreshToken } = oidc.params ?? {}
    const { error } = (body ?? {}) as { error?: string }
    this.requests.push({ grantType: String(grantType), status, error })
    if (typeof refreshToken !== 'string') return
    if (this.#spent.has(refreshToken)) this.reuse += 1
    if (status === 200) this.#spent.add(refreshToken)
  }
}
