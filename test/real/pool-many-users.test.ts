import axios from 'axios'
import { memoryStore, type TokenStore } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient } from 'tokenward/oauth'
import { TokenManagerPool } from 'tokenward/pool'
import { createAuthorizationServer } from 'tokenward/testing'
import { afterEach, expect, it } from 'vitest'

const USERS = Array.from({ length: 1_000 }, (_, index) => `user-${index}`)
const REQUESTS = 10_000
const AT_ONCE = 100

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

// axios-jwt 4.0.3, simple-oauth2#88, google-auth-library: one user's request, another's token
it('1,000 users at random through one pool and one axios instance each get their own', async () => {
  const server = createAuthorizationServer({
    clientId: 'web',
    clientSecret: 'a-secret',
    reuseGraceMs: 60_000, // an answer that a busy machine lost costs no session
  })
  const { url, issuer, close } = await server.listen()
  undo.push(close)
  const stores = new Map<string, TokenStore>(USERS.map((user) => [user, memoryStore()]))
  const oauth = oauthClient({ issuer, clientId: 'web', clientSecret: 'a-secret' })
  const pool = new TokenManagerPool({
    max: 200, // so that sessions come and go all the time
    options: (id) => ({ refresh: oauth.refreshToken(), store: stores.get(id)! }),
  })
  undo.push(() => pool.close())
  for (const [index, sub] of USERS.entries()) {
    const login = server.login({ sub })
    const isExpired = index % 3 === 0
    if (index % 3 === 1) server.denyAccessToken(login.access_token)
    await pool.get(sub).setTokens(isExpired ? { ...login, expires_at: 1 } : login)
  }
  const api = attachTokens(axios.create({ baseURL: url }))

  const wrong: unknown[] = []
  let left = REQUESTS
  const browse = async () => {
    while (left-- > 0) {
      const user = USERS[Math.floor(Math.random() * USERS.length)]!
      const tokens = pool.get(user)
      const { data } = await api.get<{ sub: string }>(`/api/${user}`, { tokens })
      if (data.sub !== user) wrong.push([user, data.sub])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, browse))
  expect(wrong).toEqual([])
  expect(server.stats.reuse).toBe(0)
  expect(server.stats.refreshes).toBeGreaterThan(USERS.length / 2)
  expect(server.stats.apiRejections).toBeGreaterThan(USERS.length / 4)
})
