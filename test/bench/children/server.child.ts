import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { answerQuestions } from '../measure/child.ts'
import { issue } from '../measure/tokens.ts'
import type { Issued } from '../peers/peer.ts'

/** What the server saw of one client. */
export interface Ledger {
  tokenRequests: number
  apiCalls: number
  unauthorized: number
}

export type ServerQuestion =
  | { kind: 'listen' }
  | {
      kind: 'open'
      client: string
      lifetimeMs: number
      delayMs: number
      isJwt: boolean
      firstLifetimeMs?: number
    }
  | { kind: 'ledger'; client: string }

interface Client extends Ledger {
  lifetimeMs: number
  delayMs: number
  isJwt: boolean
  /** The tokens in force, and when they end: checked to the millisecond. */
  expiries: Map<string, number>
}

const clients = new Map<string, Client>()

/** Paths are `/<client>/token` and `/<client>/api`. */
const server = createServer((request, response) => {
  const [, name = '', path] = request.url!.split('/')
  const client = clients.get(decodeURIComponent(name))
  if (!client) return answer(response, 404, { error: 'no such client' })
  if (path === 'token') return void giveToken(client, request, response)
  client.apiCalls += 1
  const token = request.headers.authorization?.slice('Bearer '.length) ?? ''
  if ((client.expiries.get(token) ?? 0) > Date.now()) return answer(response, 200, { ok: true })
  client.unauthorized += 1
  answer(
    response,
    401,
    { error: 'expired' },
    { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  )
})
server.keepAliveTimeout = 60_000

async function giveToken(client: Client, request: IncomingMessage, response: ServerResponse) {
  client.tokenRequests += 1
  request.resume()
  await delay(client.delayMs)
  const { accessToken, refreshToken } = grant(client, client.lifetimeMs)
  answer(response, 200, {
    token_type: 'Bearer',
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: client.lifetimeMs / 1000,
  })
}

function grant(client: Client, lifetimeMs: number): Issued {
  const issued = issue(lifetimeMs, client.isJwt)
  client.expiries.set(issued.accessToken, issued.expiresAt)
  return issued
}

function answer(response: ServerResponse, status: number, body: object, headers: object = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

answerQuestions((question: ServerQuestion): unknown => {
  if (question.kind === 'listen') return listening()
  if (question.kind === 'ledger') {
    const { tokenRequests, apiCalls, unauthorized } = clients.get(question.client)!
    return { tokenRequests, apiCalls, unauthorized }
  }
  const { lifetimeMs, delayMs, isJwt, firstLifetimeMs = lifetimeMs } = question
  const counts = { tokenRequests: 0, apiCalls: 0, unauthorized: 0 }
  const client = { ...counts, lifetimeMs, delayMs, isJwt, expiries: new Map<string, number>() }
  clients.set(question.client, client)
  return grant(client, firstLifetimeMs)
})

function listening(): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}
