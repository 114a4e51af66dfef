import { serve, type TestServer } from '../../unit/http/support/server.js'

/** An API that may be cached for a minute, and says whose token it was asked with. */
export function cacheableApi(headers: Record<string, string>): Promise<TestServer> {
  return serve((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ seen: request.authorization }))
  })
}

/** What an API says that is made for caches: whose a response is depends on who asks. */
export const FOR_EACH_USER = { 'cache-control': 'max-age=60', vary: 'Authorization' }

/** The same, for caches that keep a response to a request with credentials only if told to. */
export const SHARED_FOR_EACH_USER = {
  'cache-control': 'public, max-age=60',
  vary: 'Authorization',
}

/** An API that forgets to say it. */
export const FOR_ANYBODY = { 'cache-control': 'max-age=60' }
