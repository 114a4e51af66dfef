import { Form, isRouteErrorResponse } from 'react-router'
import { fromApi } from '../lib/from-api.js'
import { csrfTokenOf } from '../lib/sessions.js'
import type { Route } from './+types/home.js'

export async function loader({ request }: Route.LoaderArgs) {
  const me = await fromApi(request, '/me')
  return { me: await me.text(), csrf: csrfTokenOf(request.headers.get('cookie')) }
}

export async function action({ request }: Route.ActionArgs) {
  const asked = await fromApi(request, '/me')
  return asked.text()
}

/** What the API says to this user, and a form to log out. */
export default function Home({ loaderData: { me, csrf }, actionData }: Route.ComponentProps) {
  return (
    <>
      <pre>{actionData ?? me}</pre>
      <Form method="post">
        <button>Ask again</button>
      </Form>
      <form method="post" action="/auth/logout">
        <input type="hidden" name="csrf" value={csrf} />
        <label>
          <input type="checkbox" name="everywhere" /> everywhere
        </label>
        <button>Log out</button>
      </form>
    </>
  )
}

/** `Retry-After`, where something is away. */
export function headers({ errorHeaders }: Route.HeadersArgs) {
  return errorHeaders ?? {}
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const status = isRouteErrorResponse(error) ? error.status : 500
  return <p>{SENTENCES[status] ?? 'Please try again.'}</p>
}

const SENTENCES: Record<number, string> = {
  401: 'Please log in.',
  403: 'Your login is not strong enough for this.',
  503: 'Please try again soon.',
}
