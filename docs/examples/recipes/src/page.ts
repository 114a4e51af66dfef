import { callApi, csrfTokenOf, escapeHtml, sessionIdOf } from './sessions.js'

/** What the API says to this user, and a form to log out. */
export async function homePage(cookies: string | null | undefined): Promise<string> {
  const me = await callApi(sessionIdOf(cookies), '/me')
  return `<!doctype html><pre>${escapeHtml(await me.text())}</pre>
<form method="post" action="/auth/logout">
  <input type="hidden" name="csrf" value="${csrfTokenOf(cookies)}">
  <label><input type="checkbox" name="everywhere"> everywhere</label>
  <button>Log out</button>
</form>`
}
