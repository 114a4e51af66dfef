import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request as it came over the wire. */
export interface Seen {
  method: string
  url: string
  headers: NodeJS.Dict<string | string[]>
  rawHeaders: string[]
  body: Buffer
  authorization: string | undefined
}

export interface TestServer {
  origin: string
  port: number
  seen: Seen[]
  server: Server
}

type Answer = (request: Seen, response: ServerResponse, count: number) => unknown

/** A server on loopback that records every byte; closed when the test ends. */
export async function serve(answer: Answer): Promise<TestServer> {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    void record(request).then((entry) => {
      seen.push(entry)
      return answer(entry, response, seen.length)
    })
  })
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, port, seen, server }
}

/** An API that takes one token and answers 401 to any other. */
export function protectedApi(accepted: string, challenge?: string): Promise<TestServer> {
  return serve((request, response) => {
    if (request.authorization === `Bearer ${accepted}`) return ok(response)
    return unauthorized(response, challenge)
  })
}

export function ok(response: ServerResponse, body: unknown = { ok: true }): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function unauthorized(response: ServerResponse, challenge?: string | string[]): void {
  response
    .writeHead(401, {
      'content-type': 'application/json',
      ...(challenge && { 'www-authenticate': challenge }),
    })
    .end('{"error":"unauthorized"}')
}

async function record(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    body: Buffer.concat(chunks),
    authorization: request.headers.authorization,
  }
}
