import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server on an ephemeral port of 127.0.0.1, which can go down and come back. */
export interface Loopback {
  readonly origin: string
  /** Answers requests from now on. */
  serve(handler: RequestListener): void
  /** Closes the listener and every connection: from now on, connections are refused. */
  stop(): Promise<void>
  /** Listens again, on the same port. */
  start(): Promise<void>
}

export async function openLoopback(): Promise<Loopback> {
  const server = createServer()
  // Longer than any test: a connection that the server closes while it is reused is not our topic.
  server.keepAliveTimeout = 120_000

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })

  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    serve: (handler) => void server.on('request', handler),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    start: () => listen(port),
  }
}
