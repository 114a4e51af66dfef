/** A redirect URI on loopback, as it is registered at the authorization server (RFC 8252 §7.3). */
export interface LoopbackUri {
  /** `localhost`, an address of 127.0.0.0/8, or `[::1]`. */
  readonly host: string
  /** Without one, any that is free will do. */
  readonly port: number | undefined
  readonly path: string
}

const LOOPBACK_URI =
  /^http:\/\/(?<host>localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::(?<port>\d{1,5}))?(?<path>\/[^?#]*)?$/

/** @returns `undefined` for what no browser on this machine could be sent to as it is @internal */
export function parseLoopbackUri(value: unknown): LoopbackUri | undefined {
  const { host, port, path = '' } = LOOPBACK_URI.exec(String(value))?.groups ?? {}
  if (host === undefined || typeof value !== 'string' || !isAsSent(value, host, path)) {
    return undefined
  }
  return { host, port: port === undefined ? undefined : Number(port), path }
}

/** As a browser sends it: nothing to encode, no dots to resolve, an address and a port that exist. */
function isAsSent(value: string, host: string, path: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url?.hostname === host && url.pathname === (path || '/') && !/:0+(\/|$)/.test(value)
}

/** As it is sent: a server compares it letter by letter, a missing slash at its end included. */
export function uriAtPort({ host, path }: LoopbackUri, port: number): string {
  return `http://${host}:${port}${path}`
}

/** Where a browser may look for the host: which of the two it takes for `localhost`, nobody knows. */
export function addressesOf({ host }: LoopbackUri): readonly [string, ...string[]] {
  if (host === 'localhost') return ['127.0.0.1', '::1']
  return [host === '[::1]' ? '::1' : host]
}
