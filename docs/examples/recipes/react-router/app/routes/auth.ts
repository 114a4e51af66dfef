import { handleAuth } from '../lib/login.js'

export function loader({ request }: { request: Request }): Promise<Response> {
  return handleAuth(request)
}

export function action({ request }: { request: Request }): Promise<Response> {
  return handleAuth(request)
}
