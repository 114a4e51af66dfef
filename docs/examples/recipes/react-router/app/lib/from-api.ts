import { redirectDocument } from 'react-router'
import { answerTo, callApi, sessionIdOf } from './sessions.js'

/**
 * For loaders and actions.
 *
 * @param path - begins with a slash: so it stays at the API, whatever is in it
 * @throws the response that the browser gets instead of the page
 */
export async function fromApi(request: Request, path: `/${string}`): Promise<Response> {
  try {
    return await callApi(sessionIdOf(request.headers.get('cookie')), path)
  } catch (error) {
    const known = answerTo(error, request)
    const login = known?.headers.get('location')
    // The login is no page of the router's: the browser itself goes there.
    throw login ? redirectDocument(login, 303) : (known ?? error)
  }
}
