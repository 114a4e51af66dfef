import {
  TokenManager,
  type RefreshContext,
  type TokenInput,
  type TokenManagerOptions,
  type TokenStore,
} from 'tokenward'

export const LIFETIME_MS = 300_000

export type Step = (context: RefreshContext) => unknown

export interface Issuer {
  /** What the token endpoint says for the next tokens: `at-1` and `rt-1`, `at-2` and `rt-2`, ... */
  issue(this: void): {
    access_token: string
    refresh_token: string
    expires_in: number
    token_type: string
  }
  /** For the option `refresh`, and for `acquire`. */
  refresh(this: void, context: RefreshContext): Promise<TokenInput>
  /** The refresh token of each request. */
  readonly spent: (string | undefined)[]
  /** What befalls the next requests, each step one. */
  next(...steps: Step[]): void
  /** What befalls each request once the steps are used up; `undefined`: tokens are issued. */
  always: Step | undefined
}

/** A token endpoint without a network: it does what the test says, else it issues tokens. */
export function createIssuer({ lifetimeMs = LIFETIME_MS } = {}): Issuer {
  let issued = 0
  const steps: Step[] = []
  const issuer: Issuer = {
    issue() {
      issued++
      return {
        access_token: `at-${issued}`,
        refresh_token: `rt-${issued}`,
        expires_in: lifetimeMs / 1000,
        token_type: 'Bearer',
      }
    },
    async refresh(context) {
      issuer.spent.push(context.refreshToken)
      const step = steps.shift() ?? issuer.always
      return (await (step ? step(context) : issuer.issue())) as TokenInput
    },
    spent: [],
    next(...more) {
      steps.push(...more)
    },
    always: undefined,
  }
  return issuer
}

/** A step: the server refuses, in the shape in which openid-client and oauth4webapi throw it. */
export function refuses(
  status: number,
  error?: string,
  headers: Record<string, string> = {},
): Step {
  return () => {
    throw Object.assign(new Error(`HTTP ${status}`), {
      status,
      error,
      response: new Response(null, { status, headers }),
    })
  }
}

/** A step: the connection could not be made. */
export const refusesConnection: Step = () => {
  throw Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  })
}

/** A step: the connection broke, and nobody knows what the server did. */
export const breaksConnection: Step = () => {
  throw Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  })
}

/** A manager that has tokens of this issuer: `at-1`, valid for its lifetime. */
export function signedIn(
  issuer: Issuer,
  options: Partial<TokenManagerOptions> & { store?: TokenStore } = {},
): TokenManager {
  return new TokenManager({
    refresh: issuer.refresh,
    initialTokens: issuer.issue(),
    ...options,
  } as TokenManagerOptions)
}
