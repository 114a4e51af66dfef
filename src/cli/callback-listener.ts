import type { IncomingMessage, ServerResponse } from 'node:http'
import { readCallback } from './callback-request.js'
import { REFUSALS, type PageResponse } from './callback-page.js'
import { openLoopbackServer, type ListenAddress } from './loopback-server.js'
import type { LoopbackUri } from './loopback-uri.js'

/**
 * Where the browser comes back to (RFC 8252 §7.3).
 *
 * @internal
 */
export interface CallbackListener {
  readonly redirectUri: string
  /** The one authorization response that is taken. Never rejects. */
  readonly response: Promise<AuthorizationResponse>
  /** Stops listening and breaks every connection, a preconnected one too. */
  close(): Promise<void>
}

/** @internal */
export interface AuthorizationResponse {
  readonly parameters: URLSearchParams
  /** What the user sees at the end; resolves when it is sent, or when nobody is there to see it. */
  show(page: PageResponse): Promise<void>
}

/** @internal */
export interface CallbackListenerOptions {
  readonly uris: readonly LoopbackUri[]
  readonly bind: ListenAddress
  /** Whether it is the response to this login: an older window's is not. */
  readonly isExpected: (parameters: URLSearchParams) => boolean
  /** For a response after the first. */
  readonly secondPage: () => PageResponse
}

/**
 * Listens for the one response, and for nobody else.
 *
 * @throws LoginError `port`
 * @internal
 */
export async function openCallbackListener({
  uris,
  bind,
  isExpected,
  secondPage,
}: CallbackListenerOptions): Promise<CallbackListener> {
  let take!: (response: AuthorizationResponse) => void
  const response = new Promise<AuthorizationResponse>((resolve) => (take = resolve))
  let isTaken = false
  let home: URL

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const callback = await readCallback(home, incoming)
    if ('refusal' in callback) return send(outgoing, callback.refusal)
    if (!isExpected(callback.parameters)) return send(outgoing, REFUSALS.otherLogin)
    if (isTaken) return send(outgoing, secondPage())
    isTaken = true
    const closed = new Promise<void>((resolve) => outgoing.once('close', resolve))
    const show = (page: PageResponse) => {
      send(outgoing, page)
      return closed
    }
    take({ parameters: callback.parameters, show })
  }

  const server = await openLoopbackServer(uris, bind, (incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy()) // a browser that went away
  })
  home = new URL(server.redirectUri)
  return { redirectUri: server.redirectUri, response, close: () => server.close() }
}

function send(outgoing: ServerResponse, { status, headers, body }: PageResponse): void {
  outgoing.writeHead(status, headers)
  outgoing.end(body)
}
