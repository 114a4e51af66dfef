import { TokenOptionsError } from '../../errors.js'

const STATUSES = [301, 302, 303, 307, 308]
const MOST = 20

/**
 * Where a response leads on; `undefined` if it is no redirect. Fragments are not sent, nor told.
 *
 * @param count - how many redirects were followed before
 * @throws TypeError, as `fetch` does, for one too many, or one that leads nowhere;
 * TokenOptionsError where the platform does not tell
 * @internal
 */
export function locationOf(response: Response, url: string, count: number): string | undefined {
  if (response.type === 'opaqueredirect') throw hidden()
  if (!STATUSES.includes(response.status)) return undefined
  const location = response.headers.get('location')
  if (location === null) return undefined
  if (count >= MOST) throw failed(`More than ${MOST} redirects`)
  const next = parse(location, url)
  if (!next || !/^https?:$/.test(next.protocol)) throw failed('The redirect has no valid target')
  return next.href
}

/** What the platform would say, had it followed the redirects itself. */
export function asRedirected(response: Response): Response {
  return Object.defineProperty(response, 'redirected', { value: true, configurable: true })
}

function parse(location: string, base: string): URL | undefined {
  try {
    return new URL(location, base)
  } catch {
    return undefined
  }
}

function failed(why: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(why) })
}

function hidden(): TokenOptionsError {
  return new TokenOptionsError(
    'fetch: this runtime hides redirect targets, so the token could leak to another origin. ' +
      "Set `redirect: 'manual'` or `'error'`",
  )
}
