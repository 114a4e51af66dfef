import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'

export type Api = Awaited<ReturnType<typeof startApi>>

/** Says whose token it got, or whatever the test wants it to say. */
export async function startApi() {
  const behaviour = {
    /** To a token, the value of `WWW-Authenticate`; `undefined` where it is good. */
    challenge: (_token: string): string | undefined => undefined,
    /** Awaited before an answer. */
    hold: Promise.resolve(),
    calls: 0,
  }
  const server = createServer((request, response) => {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '')
    behaviour.calls += 1
    const wanted = behaviour.challenge(token)
    void behaviour.hold.then(() => {
      if (wanted) response.writeHead(401, { 'www-authenticate': wanted }).end()
      else response.end(JSON.stringify({ owner: decodeJwt(token).sub }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { origin, behaviour, close }
}
