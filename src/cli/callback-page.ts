/**
 * The outcome that the page in the browser shows to the user.
 *
 * @public
 */
export type LoginOutcome =
  | { readonly status: 'signed-in' }
  /** `message` says why, in English and without secrets. */
  | { readonly status: 'failed'; readonly message: string }
  /** A response to this login was received before: a reload, or a second window. */
  | { readonly status: 'already-answered' }

/**
 * The text of the page at the end of a login. It is plain text: HTML tags are shown as they are.
 *
 * @public
 */
export interface LoginPage {
  title: string
  text: string
}

/** @internal */
export interface PageResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The page for an outcome, in the caller's words if there are any.
 *
 * @internal
 */
export function outcomePage(
  outcome: LoginOutcome,
  wording: ((outcome: LoginOutcome) => LoginPage | undefined) | undefined,
): PageResponse {
  const status = { 'signed-in': 200, failed: 400, 'already-answered': 409 }[outcome.status]
  return pageResponse(status, ownWords(outcome, wording) ?? defaultWords(outcome))
}

/** A login must not fail because the caller's words do. */
function ownWords(
  outcome: LoginOutcome,
  wording: ((outcome: LoginOutcome) => LoginPage | undefined) | undefined,
): LoginPage | undefined {
  try {
    const page = wording?.(outcome)
    return typeof page?.title === 'string' && typeof page.text === 'string' ? page : undefined
  } catch {
    return undefined
  }
}

function defaultWords(outcome: LoginOutcome): LoginPage {
  switch (outcome.status) {
    case 'signed-in':
      return { title: 'You are logged in', text: 'You may close this window.' }
    case 'already-answered':
      return {
        title: 'This login is already finished',
        text: 'Your terminal shows its result. You may close this window.',
      }
    case 'failed':
      return {
        title: 'The login failed',
        text: `${sentence(outcome.message)} You may close this window and try again from your terminal.`,
      }
  }
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}

/**
 * A whole page of its own: nothing is loaded, nothing runs, nothing is kept, and the address that
 * held the code goes nowhere as a referrer.
 *
 * @internal
 */
function pageResponse(status: number, { title, text }: LoginPage): PageResponse {
  return { status, headers: HEADERS, body: htmlOf(escapeHtml(title), escapeHtml(text)) }
}

const HEADERS = Object.freeze({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
})

function htmlOf(title: string, text: string): string {
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif; }
main { box-sizing: border-box; max-width: 32rem; padding: 2rem; text-align: center; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0; opacity: .8; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** For requests that are no authorization response to this login. @internal */
export const REFUSALS = {
  host: pageResponse(403, { title: 'Refused', text: 'This is not the address to come back to.' }),
  path: pageResponse(404, { title: 'Not found', text: 'There is nothing here.' }),
  prefetch: pageResponse(503, { title: 'Not yet', text: 'This page is not for fetching ahead.' }),
  method: pageResponse(405, { title: 'Not allowed', text: 'Only GET and POST are allowed here.' }),
  noResponse: pageResponse(400, {
    title: 'No response',
    text: 'This address has no response to a login in it (RFC 6749 §4.1.2).',
  }),
  otherLogin: pageResponse(400, {
    title: 'This is another login',
    text: 'This window belongs to another login, perhaps an older one. Go on in the window that was opened last.',
  }),
}
