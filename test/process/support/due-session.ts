import { join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { listenOnLoopback } from 'tokenward/testing'
import { onTestFinished } from 'vitest'
import type { DueCall } from './protocol.js'
import { logInAt, useFolder, useServer } from './resources.js'

/** What the API responds with, and what is to know of the session. */
export interface DueSetting {
  readonly status: number
  readonly refreshWindowMs?: number | undefined
  /** @default a minute: it is still sent, and renewed behind the call */
  readonly validForMs?: number
}

/** A session whose access token is due for renewal, which takes longer than the API's response. */
export function useDueSession() {
  const folder = useFolder()
  const server = useServer()
  const path = () => join(folder(), 'session.json')
  let former: string
  let requests = 0
  let tellArrival: () => void
  let arrival: Promise<void>

  return {
    /** @returns the environment of the CLI */
    async begin({ status, refreshWindowMs, validForMs = 60_000 }: DueSetting) {
      const { access_token: accessToken, refresh_token: refreshToken } = server().login()
      former = accessToken
      const expiresAt = Date.now() + validForMs
      const times = { issuedAt: expiresAt - 60 * 60_000, expiresAt }
      await logInAt(path(), { accessToken, refreshToken, ...times })
      const api = await listenOnLoopback(() => new Response('"me"', { status, headers: JSON_TYPE }))
      onTestFinished(() => api.close())
      requests = 0
      arrival = new Promise((resolve) => (tellArrival = resolve))
      server().always({
        respond: async (_request, answer) => {
          requests += 1
          tellArrival()
          await new Promise((resolve) => setTimeout(resolve, 300)) // long after the API's response
          return answer()
        },
      })
      const { issuer } = server()
      const setting: DueCall = { issuer, path: path(), api: api.url, refreshWindowMs }
      return { ...process.env, SETTING: JSON.stringify(setting) }
    },
    get tokenRequests() {
      return requests
    },
    /** When the server has the token request. */
    tokenRequested: () => arrival,
    async isRenewed() {
      const stored = await fileStore({ path: path() }).load()
      return stored?.tokens?.accessToken !== former
    },
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
