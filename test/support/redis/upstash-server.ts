import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { TestClient } from './clients.js'

/**
 * Redis over HTTP as Upstash speaks it: a command is a JSON array, a reply's texts are in base64, an
 * error is a status 400; `/pipeline` takes many commands.
 */
export async function startUpstash(redis: TestClient) {
  const token = crypto.randomUUID()
  const answer = async (command: [string, ...string[]], isBase64: boolean) => {
    try {
      const reply = await redis.send(...(command.map(String) as [string]))
      return { result: isBase64 ? inBase64(reply) : reply }
    } catch (error) {
      return { error: (error as Error).message }
    }
  }
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const isBase64 = incoming.headers['upstash-encoding'] === 'base64'
      const reply = (status: number, body: object) =>
        outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (incoming.headers.authorization !== `Bearer ${token}`) {
        return reply(401, { error: 'Unauthorized' })
      }
      const body = await bodyOf(incoming)
      if (incoming.url === '/pipeline') {
        const commands = body as [string][]
        return reply(200, await Promise.all(commands.map((command) => answer(command, isBase64))))
      }
      const result = await answer(body as [string], isBase64)
      return reply('error' in result ? 400 : 200, result)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  return json(incoming)
}

function inBase64(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(inBase64)
  return typeof reply === 'string' ? Buffer.from(reply).toString('base64') : reply
}
