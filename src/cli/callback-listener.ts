import { LoginError } from '../errors.js'
import { pageAnswer, type PageAnswer } from './callback-page.js'
import { nodeHttp, type Incoming, type Outgoing } from './node-http.js'

const HOST = '127.0.0.1'

/**
 * Where the browser comes back to (RFC 8252 §7.3).
 *
 * @internal
 */
export interface CallbackListener {
  readonly redirectUri: string
  /** The one answer that is taken. Never rejects. */
  readonly answer: Promise<CallbackAnswer>
  /** Stops listening and breaks every connection, a preconnected one too. */
  close(): Promise<void>
}

/** @internal */
export interface CallbackAnswer {
  readonly url: URL
  /** Answers the browser, which waits meanwhile; resolves when the page is sent or nobody is there. */
  show(page: PageAnswer): Promise<void>
}

/** @internal */
export interface CallbackListenerOptions {
  /** 0: one that is free. */
  readonly port: number
  readonly path: string
  /** For an answer after the first. */
  readonly secondPage: () => PageAnswer
}

/**
 * Listens on 127.0.0.1 alone.
 *
 * @throws LoginError, reason `port`, if the port cannot be had
 * @internal
 */
export async function openCallbackListener({
  port,
  path,
  secondPage,
}: CallbackListenerOptions): Promise<CallbackListener> {
  let take!: (answer: CallbackAnswer) => void
  const answer = new Promise<CallbackAnswer>((resolve) => (take = resolve))
  let isTaken = false
  let home: URL

  const serve = (incoming: Incoming, outgoing: Outgoing) => {
    const url = callbackUrl(home, incoming)
    const refusal = refusalOf(home, incoming, url)
    if (refusal) return send(outgoing, refusal)
    if (isTaken) return send(outgoing, secondPage())
    isTaken = true
    const sent = new Promise<void>((resolve) => outgoing.once('close', resolve))
    const show = (page: PageAnswer) => {
      send(outgoing, page)
      return sent
    }
    take({ url: url!, show })
  }

  const server = (await nodeHttp()).createServer(serve)
  await new Promise<void>((resolve, reject) => {
    // Stays: a connection that cannot be accepted must not end the process.
    server.on('error', (error) => reject(portError(port, error)))
    server.listen(port, HOST, resolve)
  })
  home = new URL(path, `http://${HOST}:${server.address().port}`)
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return { redirectUri: home.href, answer, close }
}

/** The address that the browser asked for, if it is the one to come back to. */
function callbackUrl(home: URL, { url = '' }: Incoming): URL | undefined {
  const [path, ...query] = url.split('?')
  if (path !== home.pathname) return undefined
  const callback = new URL(home)
  callback.search = query.join('?')
  return callback
}

/** What is no answer changes nothing: a favicon, a prefetch, another site's page that tries its luck. */
function refusalOf(home: URL, incoming: Incoming, url: URL | undefined): PageAnswer | undefined {
  // A name that was made to resolve to 127.0.0.1 (DNS rebinding) gives itself away here.
  if (incoming.headers.host !== home.host) return REFUSALS.host
  if (!url) return REFUSALS.path
  if (incoming.method !== 'GET') return REFUSALS.method
  const isAnswer = url.searchParams.has('code') || url.searchParams.has('error')
  return isAnswer ? undefined : REFUSALS.noAnswer
}

const REFUSALS = {
  host: pageAnswer(403, { title: 'Refused', text: 'This is not the address to come back to.' }),
  path: pageAnswer(404, { title: 'Not found', text: 'There is nothing here.' }),
  method: pageAnswer(405, { title: 'Not allowed', text: 'Only GET is answered here.' }),
  noAnswer: pageAnswer(400, {
    title: 'No answer',
    text: 'This address holds no answer to a login (RFC 6749 §4.1.2).',
  }),
}

function send(outgoing: Outgoing, { status, headers, body }: PageAnswer): void {
  outgoing.writeHead(status, headers)
  outgoing.end(body)
}

function portError(port: number, error: Error): LoginError {
  const { code } = error as { code?: unknown }
  return new LoginError(portMessage(port, code), { reason: 'port', cause: error })
}

function portMessage(port: number, code: unknown): string {
  if (port === 0) return `No port of ${HOST} can be listened on: ${String(code)}`
  return code === 'EADDRINUSE'
    ? `Port ${port} of ${HOST} is in use: end what listens there (another login?), or give another \`port\``
    : `Port ${port} of ${HOST} cannot be listened on: ${String(code)}`
}
