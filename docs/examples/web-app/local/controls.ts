import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CONTROLS } from '../src/controls.js'

export const CONTROLS_PATH = '/controls'

/** What each button does. */
export type Handlers = Record<keyof typeof CONTROLS, (form: URLSearchParams) => unknown>

/** @returns whether the request was for the controls: it is answered then */
export async function answerControls(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: Handlers,
): Promise<boolean> {
  const [, name] = new RegExp(`^${CONTROLS_PATH}/(\\w+)$`).exec(request.url ?? '') ?? []
  if (name === undefined || !Object.hasOwn(handlers, name)) return false
  // No other page can press the buttons: browsers say where a request comes from.
  const isOurs = request.method === 'POST' && request.headers['sec-fetch-site'] === 'same-origin'
  const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString())
  if (isOurs) await handlers[name as keyof Handlers](form)
  response.writeHead(isOurs ? 303 : 403, { location: '/' }).end()
  return true
}
