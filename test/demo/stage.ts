import { Agent } from 'node:http'
import axios from 'axios'
import * as openid from 'openid-client'
import { LoginRequiredError, TokenManager, tokenErrorOf, type TokenEvents } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient } from 'tokenward/oauth'
import { startAuthorizationServer } from '../support/oidc/authorization-server.js'
import { startProtectedApi } from '../support/oidc/protected-api.js'
import type { Figures } from './figures.js'
import { screen } from './screen.js'

/** A lifetime, in seconds, that no act outlives. */
export const LONG = 60

export type Stage = Awaited<ReturnType<typeof openStage>>

/** The authorization server, the API, and an app with one user's session. */
export async function openStage() {
  const server = await startAuthorizationServer({ accessTokenTtl: 1 })
  const api = await startProtectedApi(server.issuer)
  const login = await server.logIn('alice')

  const tokens = new TokenManager({
    refresh: oauthClient(server.client).refreshToken(),
    initialTokens: login.tokens,
    revoke: ({ tokens: { refreshToken = '' } }) =>
      openid.tokenRevocation(login.client, refreshToken),
    refreshWindowMs: 2_000, // the server rounds `exp` down by up to a second
    retry: { baseDelayMs: 50 },
  })
  const httpAgent = new Agent({ keepAlive: true })
  const http = attachTokens(axios.create({ baseURL: api.origin, httpAgent }), tokens)
  showEvents(tokens)

  let requests = 0
  let failures: Record<string, number> = {}
  let before = { tokenRequests: 0, reuse: 0, rejections: 0 }
  let more: Record<string, number> = {}
  const arrived = () => ({
    tokenRequests: server.ledger.of('refresh_token').length,
    reuse: server.ledger.reuse,
    rejections: api.figures.rejections,
  })

  const request = async () => {
    requests += 1
    try {
      await http.get('/me')
    } catch (error) {
      const kind = nameOf(error)
      failures[kind] = (failures[kind] ?? 0) + 1
    }
  }

  return {
    server,
    api,
    tokens,
    /** Makes that many requests at once, and waits for all of them. */
    burst: async (count: number) => {
      await Promise.all(Array.from({ length: count }, request))
    },
    request,
    /** A figure that counts in this act only. */
    count: (name: string, value: number) => {
      more[name] = value
    },
    /** Counts from here on. */
    startCounting: () => {
      requests = 0
      failures = {}
      more = {}
      before = arrived()
    },
    figures: (): Figures => {
      const now = arrived()
      return {
        requests,
        failures,
        tokenRequests: now.tokenRequests - before.tokenRequests,
        reuse: now.reuse - before.reuse,
        rejections: now.rejections - before.rejections,
        more,
      }
    },
    close: async () => {
      await tokens.close()
      httpAgent.destroy()
      await api.stop()
      await server.stop()
    },
  }
}

/** What an app tells its failures apart by. */
function nameOf(thrown: unknown): string {
  const error = tokenErrorOf(thrown) ?? thrown
  if (error instanceof LoginRequiredError) return `${error.name} (${error.reason})`
  return error instanceof Error ? error.name : typeof error
}

function showEvents(tokens: TokenManager): void {
  const show = <K extends keyof TokenEvents>(name: K, text: (event: TokenEvents[K]) => string) =>
    tokens.on(name, (event) => screen.event(text(event)))
  show('refreshed', ({ reason, durationMs }) => `refreshed (${reason}) in ${ms(durationMs)}`)
  show(
    'refreshFailed',
    ({ reason, error, retryInMs }) =>
      `refresh failed (${reason}): ${error.name}` +
      (retryInMs ? `, next try in ${ms(retryInMs)} at the earliest` : ''),
  )
  show('tokensSet', () => 'logged in')
  show('sessionEnded', ({ reason }) => `the session has ended (${reason})`)
}

const ms = (duration: number) => `${Math.round(duration)} ms`
