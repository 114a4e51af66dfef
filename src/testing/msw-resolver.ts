import { isConnectionReset } from './connection.js'

/**
 * Turns a handler into a resolver of msw: `http.all('https://auth.example.com/*',
 * mswResolver(server.handle))`. The handler alone would do, but msw prints a warning for each
 * rejection; here a broken connection and a caller who gave up are `Response.error()`, which msw
 * takes for a network error.
 *
 * @throws whatever else the handler throws
 * @public
 */
export function mswResolver(
  handler: (request: Request) => Response | Promise<Response>,
): (info: { request: Request }) => Promise<Response> {
  return async ({ request }) => {
    try {
      return await handler(request)
    } catch (error) {
      if (isConnectionReset(error) || request.signal.aborted) return Response.error()
      throw error
    }
  }
}
