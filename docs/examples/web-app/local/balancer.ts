import { request, type IncomingMessage, type ServerResponse } from 'node:http'

/** Leads each request to the next of its targets, whoever sent it: sessions are not sticky. */
export interface Balancer {
  /** The origins of those who answer, in turn. */
  targets: string[]
  answer(incoming: IncomingMessage, response: ServerResponse): Promise<void>
}

export function createBalancer(): Balancer {
  let turn = 0

  return {
    targets: [],
    async answer(incoming, response) {
      const body = Buffer.concat(await incoming.toArray())
      const { targets } = this
      const first = turn++
      // What does no harm twice goes to the next, if one dies: as nginx has it by default.
      const tries = incoming.method === 'GET' ? targets.length : 1
      for (let step = 0; step < tries; step++) {
        const target = targets[(first + step) % targets.length]!
        try {
          const answer = await ask(target, incoming, body)
          response.writeHead(answer.status, answer.headers).end(answer.body)
          return
        } catch {
          continue
        }
      }
      response.writeHead(502).end('Bad gateway')
    },
  }
}

function ask(target: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
    (resolve, reject) => {
      const outgoing = request(`${target}${url}`, {
        method,
        headers: { ...headers, connection: 'close' },
        agent: false,
      })
      outgoing.on('error', reject)
      outgoing.on('response', (answer) => {
        const { connection: _hop, 'transfer-encoding': _coding, ...passed } = answer.headers
        answer
          .toArray()
          .then(
            (chunks) =>
              resolve({ status: answer.statusCode!, headers: passed, body: Buffer.concat(chunks) }),
            reject,
          )
      })
      outgoing.end(body)
    },
  )
}
