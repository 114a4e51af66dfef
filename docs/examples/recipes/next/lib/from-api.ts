import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { connection } from 'next/server'
import { answerTo, callApi, sessionIdOf } from '@/lib/sessions'
import { settings } from '@/lib/settings'

/**
 * For Server Components and server actions.
 *
 * @param path - begins with a slash: so it stays at the API, whatever is in it
 * @param page - where the user is sent back to after a login
 */
export async function fromApi(path: `/${string}`, page: `/${string}` = '/'): Promise<Response> {
  await connection() // a page that is made before it is asked for calls no API, and has no clock
  const cookie = (await cookies()).toString()
  const outcome = await callApi(sessionIdOf(cookie), path).catch((error: unknown) => error as Error)
  if (outcome instanceof Response) return outcome
  // Outside of any `catch`: Next.js redirects by throwing.
  const request = new Request(settings.origin + page, { headers: { cookie } })
  const login = answerTo(outcome, request)?.headers.get('location')
  if (login) redirect(login) // a step-up's parameters go along
  throw outcome // `error.tsx` shows it
}
