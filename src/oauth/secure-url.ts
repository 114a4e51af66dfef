import { RefreshRejectedError } from '../errors.js'

/** @throws RefreshRejectedError if nothing secret may go to the URL */
export type UrlRule = (url: string) => void

/**
 * What is wrong with a URL that secrets are sent to, in words that end a sentence; `undefined` if
 * nothing is: TLS, loopback or an origin that was named, no credentials, no fragment.
 *
 * @param insecureOrigins - `undefined`: whoever reads the message has no option that names any
 * @internal
 */
export function flawOfUrl(
  value: unknown,
  insecureOrigins: ReadonlySet<string> | undefined,
  allowsLoopback = true,
): string | undefined {
  if (typeof value !== 'string') return `not ${value === null ? 'null' : typeof value}`
  const url = parseUrl(value)
  if (!url) return value === '' ? 'not an empty string' : 'not text that cannot be parsed as a URL'
  const place = showUrl(url)
  if (url.username || url.password) return `not one with credentials (${place})`
  if (value.includes('#')) return `not one with a fragment (${place})`
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return `not ${url.protocol}`
  if (insecureOrigins?.has(url.origin)) return undefined
  if (allowsLoopback && isLoopback(url.hostname)) return undefined
  const advice = `; name ${url.origin} in \`allowInsecureRequests\` if it must be`
  return `not plain HTTP (${place})${insecureOrigins ? advice : ''}`
}

/**
 * What is wrong with a URL that a login's response comes to: HTTPS, loopback, an origin that was
 * named, or an app's own scheme (RFC 8252 §7); no credentials, no fragment.
 *
 * @internal
 */
export function flawOfRedirectUri(
  value: unknown,
  insecureOrigins: ReadonlySet<string> | undefined,
): string | undefined {
  const url = typeof value === 'string' ? parseUrl(value) : undefined
  const isOwnScheme = url !== undefined && !NOT_OWN_SCHEMES.has(url.protocol)
  if (isOwnScheme && !String(value).includes('#')) return undefined
  const flaw = flawOfUrl(value, insecureOrigins)
  return flaw && `must be an HTTPS URL, loopback or the app's own scheme, ${flaw}`
}

/**
 * What is wrong with a page that the user is sent to: no `javascript:`, no program of the system.
 *
 * @internal
 */
export function flawOfPage(
  value: string,
  insecureOrigins: ReadonlySet<string> | undefined,
): string | undefined {
  return flawOfUrl(value.split('#')[0], insecureOrigins)
}

/** Those that browsers know: no app of the user's is behind them. */
const NOT_OWN_SCHEMES = new Set(['https:', 'http:', 'javascript:', 'vbscript:', 'data:', 'file:', 'filesystem:', 'blob:', 'about:', 'view-source:', 'ftp:', 'ws:', 'wss:']) // prettier-ignore

/**
 * For the moment before each request: where it goes was found out at run time. A server on the
 * network that names this machine would have the client's secret sent to whoever listens here.
 *
 * @param allowsLoopback - the server itself is on this machine
 * @param whose - the metadata, at the beginning of a sentence
 * @internal
 */
export function createUrlRule(
  insecureOrigins: ReadonlySet<string> | undefined,
  allowsLoopback: boolean,
  whose = "The authorization server's metadata",
): UrlRule {
  return (url) => {
    const flaw = flawOfUrl(url, insecureOrigins, allowsLoopback)
    if (!flaw) return
    throw new RefreshRejectedError(`${whose} contains a bad URL: it must be an HTTPS URL, ${flaw}`)
  }
}

/** Without credentials, query and fragment: each may hold a secret. */
export function showUrl(url: URL): string {
  return url.host ? `${url.protocol}//${url.host}${url.pathname}` : url.protocol
}

export function parseUrl(value: string): URL | undefined {
  try {
    return new URL(value)
  } catch {
    return undefined
  }
}

/** @internal */
export function isLoopbackUrl(value: string): boolean {
  return isLoopback(parseUrl(value)?.hostname ?? '')
}

/** The hostname comes from a parsed URL: an IPv4 address has four decimal parts, however written. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
