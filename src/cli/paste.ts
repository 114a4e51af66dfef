import type { AuthorizationRequest } from '../oauth/login/authorization-request.js'

/** What a `Paste` function is called with. @public */
export interface PasteQuestion {
  /** Aborted when the login has ended: remove your prompt. */
  readonly signal: AbortSignal
  /** Whether the user has pasted a text before that was not the response to this login. */
  readonly isRetry: boolean
}

/** Asks the user for the address of the page where the browser ended, or for the code. @public */
export type Paste = (question: PasteQuestion) => string | PromiseLike<string>

/** A program that responds in a person's place has nothing else to say. */
const MOST_QUESTIONS = 20

/**
 * Asks until the response to this login is pasted. Never rejects: who cannot be asked can still
 * use the browser.
 *
 * @internal
 */
export async function pastedResponse(
  paste: Paste,
  request: AuthorizationRequest,
  signal: AbortSignal,
): Promise<URLSearchParams> {
  try {
    for (let question = 0; question < MOST_QUESTIONS && !signal.aborted; question += 1) {
      const text = await paste({ signal, isRetry: question > 0 })
      const parameters = readPasted(text, request)
      if (parameters) return parameters
    }
  } catch {
    // The terminal is closed, or the question was taken back.
  }
  return new Promise<never>(() => {})
}

/** A code, as servers show it for copying: alone, or followed by `#` and the state. */
const CODE = /^(?<code>[\x21-\x22\x24-\x7e]{6,})(?:#(?<state>.+))?$/

/**
 * What someone has pasted, as parameters: the whole address, or the code alone. A terminal may
 * have broken it into lines. A code without a `state` is taken, since it comes from the user
 * themselves, and is good for nothing but the code challenge of this login (RFC 7636).
 *
 * @returns `undefined` if it is not the response to this login
 * @internal
 */
export function readPasted(
  text: unknown,
  { state, issuer }: AuthorizationRequest,
): URLSearchParams | undefined {
  if (typeof text !== 'string') return undefined
  const compact = text.replace(/\s+/g, '')
  if (/^https?:|[?&](code|error)=/i.test(compact)) {
    const query = compact.slice(compact.indexOf('?') + 1).split('#')[0]
    const parameters = new URLSearchParams(query)
    const isResponse = parameters.has('code') || parameters.has('error')
    return isResponse && parameters.get('state') === state ? parameters : undefined
  }
  const pasted = CODE.exec(compact)?.groups
  if (!pasted || (pasted.state ?? state) !== state) return undefined
  return new URLSearchParams({ code: pasted.code!, state, iss: issuer })
}

/**
 * Asks on the terminal; where there is none, waits forever.
 *
 * @throws if the terminal is closed or the signal aborted
 * @internal
 */
export async function pasteOnTerminal({ signal, isRetry }: PasteQuestion): Promise<string> {
  const { stdin, stderr } = process
  if (!stdin.isTTY || !stderr.isTTY) return new Promise<never>(() => {})
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: stdin, output: stderr, historySize: 0 })
  // The terminal does not send the signal while a line is being edited, and must not be left so.
  lines.on('SIGINT', () => {
    lines.close()
    if (!process.emit('SIGINT', 'SIGINT')) process.kill(process.pid, 'SIGINT')
  })
  try {
    const closed = new Promise<never>((_, reject) => {
      lines.once('close', () => reject(new Error('The terminal was closed')))
    })
    return await Promise.race([lines.question(isRetry ? RETRY : QUESTION, { signal }), closed])
  } finally {
    if (signal.aborted) stderr.write('\n')
    lines.close()
  }
}

const QUESTION = 'Or paste the address of the page where the browser ended: '
const RETRY = 'That is not the response to this login. Paste the whole address: '
