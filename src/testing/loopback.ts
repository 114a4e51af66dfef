import type { Closing } from '../disposable.js'
import { redact } from '../redact.js'
import { isConnectionReset } from './connection.js'

/**
 * A handler that really listens.
 *
 * @public
 */
export interface LoopbackServer extends Closing {
  /** Its origin, such as `http://127.0.0.1:49152`, without a slash at the end. */
  readonly url: string
  /** Breaks open connections, then stops listening. */
  close(): Promise<void>
}

/** @public */
export interface LoopbackOptions {
  /** @default one that is free */
  port?: number | undefined
}

/**
 * Serves a fetch-style handler over HTTP on 127.0.0.1; for Node, Bun and Deno. A handler that
 * rejects with a broken connection (`{ drop: true }`) or after its caller has gone has its socket
 * destroyed; any other rejection becomes a response with status 500.
 *
 * @throws Error as `node:http` gives it, if the port is taken
 * @public
 */
export async function listenOnLoopback(
  handler: (request: Request) => Response | Promise<Response>,
  options: LoopbackOptions = {},
): Promise<LoopbackServer> {
  const http = await nodeHttp()
  let url = ''
  const server = http.createServer(
    (incoming, outgoing) => void serve(handler, url, incoming, outgoing),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${server.address().port}`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, close, [Symbol.asyncDispose]: close }
}

async function serve(
  handler: (request: Request) => Response | Promise<Response>,
  url: string,
  incoming: Incoming,
  outgoing: Outgoing,
): Promise<void> {
  const caller = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) caller.abort()
  })
  try {
    const request = await readRequest(url, incoming, caller.signal)
    await writeResponse(await handler(request), outgoing)
  } catch (error) {
    if (isConnectionReset(error) || caller.signal.aborted) return void breakOff(incoming)
    const message = redact(error instanceof Error ? error.message : String(error))
    outgoing.statusCode = 500
    outgoing.end(`The handler threw: ${message}`)
  }
}

async function readRequest(url: string, incoming: Incoming, signal: AbortSignal): Promise<Request> {
  const { method = 'GET', rawHeaders } = incoming
  const headers = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index]!, rawHeaders[index + 1]!)
  }
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const body = hasBody ? await new Blob(chunks).arrayBuffer() : null
  return new Request(`${url}${incoming.url}`, { method, headers, body, signal })
}

async function writeResponse(response: Response, outgoing: Outgoing): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer())
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value)
  outgoing.statusCode = response.status
  outgoing.end(body)
}

/** A reset rather than an orderly end, where the runtime can. */
function breakOff({ socket }: Incoming): void {
  if (socket.resetAndDestroy) socket.resetAndDestroy()
  else socket.destroy()
}

/** By a name that bundlers do not follow: the rest of this entry point runs anywhere. */
function nodeHttp(): Promise<NodeHttp> {
  const name = 'node:http'
  return import(/* @vite-ignore */ /* webpackIgnore: true */ name) as Promise<NodeHttp>
}

/** What is used of Node's types, since the sources compile without them. */
interface NodeHttp {
  createServer(listener: (incoming: Incoming, outgoing: Outgoing) => void): {
    once(event: 'error', listener: (error: Error) => void): void
    listen(port: number, host: string, listener: () => void): void
    address(): { port: number }
    close(listener: () => void): void
    closeAllConnections(): void
  }
}

interface Incoming extends AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly method?: string
  readonly url?: string
  readonly rawHeaders: readonly string[]
  readonly socket: { destroy(): void; resetAndDestroy?(): void }
}

interface Outgoing {
  statusCode: number
  readonly writableFinished: boolean
  once(event: 'close', listener: () => void): void
  appendHeader(name: string, value: string): void
  end(body: Uint8Array | string): void
}
