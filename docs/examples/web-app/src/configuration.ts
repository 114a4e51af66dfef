/** What differs from one installation to the next: from the environment. */
export interface Configuration {
  /** Where browsers find the app: what its cookies, its redirects and its links are made for. */
  readonly origin: URL
  /** Where the process listens: behind a balancer that speaks TLS, elsewhere than `origin`. */
  readonly host: string
  readonly port: number
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** The API that pages are made from, and what its tokens are asked for (RFC 8707). */
  readonly api: string
  /** Without one, sessions live in this process, and end with it. */
  readonly redisUrl: string | undefined
  /** Encrypts the tokens in Redis: `openssl rand -base64 32`. */
  readonly sessionKey: string | undefined
  /** Below which path the page's buttons post that break something: in earnest there are none. */
  readonly controls: string | undefined
  /** One of pino's: `silent` for tests. */
  readonly logLevel: string
}

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|localhost)$/

export function readConfiguration(env: NodeJS.ProcessEnv): Configuration {
  return {
    origin: originOf(wanted(env, 'ORIGIN')),
    host: env.HOST ?? '127.0.0.1',
    port: Number(env.PORT ?? 3000),
    issuer: wanted(env, 'ISSUER'),
    clientId: wanted(env, 'CLIENT_ID'),
    clientSecret: wanted(env, 'CLIENT_SECRET'),
    api: wanted(env, 'API'),
    redisUrl: env.REDIS_URL,
    sessionKey: env.SESSION_KEY,
    controls: env.CONTROLS,
    logLevel: env.LOG_LEVEL ?? 'warn',
  }
}

function wanted(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

/** Cookies over plain http are read by the whole network: loopback only. */
function originOf(value: string): URL {
  const url = new URL(value)
  const isSafe = url.protocol === 'https:' || LOOPBACK.test(url.hostname)
  if (!isSafe || url.origin !== value) {
    throw new Error('ORIGIN must be an https origin, such as https://app.example.com')
  }
  return url
}
