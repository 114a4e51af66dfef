import { cookies } from 'next/headers'
import { Suspense } from 'react'
import { fromApi } from '@/lib/from-api'
import { csrfTokenOf } from '@/lib/sessions'

export default function Page() {
  return (
    <Suspense fallback={<p>One moment …</p>}>
      <Account />
    </Suspense>
  )
}

/** What the API says to this user, and a form to log out. */
async function Account() {
  const me = await fromApi('/me')
  return (
    <>
      <pre>{await me.text()}</pre>
      <form method="post" action="/auth/logout">
        <input type="hidden" name="csrf" value={csrfTokenOf((await cookies()).toString())} />
        <label>
          <input type="checkbox" name="everywhere" /> everywhere
        </label>
        <button>Log out</button>
      </form>
    </>
  )
}
