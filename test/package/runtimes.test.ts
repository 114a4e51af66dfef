import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAuthorizationServer } from 'tokenward/testing'
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { describeSqlite } from '../recipes/support/describe-sqlite.js'
import { serve } from '../unit/http/support/server.js'
import { installRuntimes, runBy, RUNTIMES, versionOf } from './support/runtimes.js'

const folder = inject('full')
const SMOKE = fileURLToPath(new URL('runtimes/smoke.js', import.meta.url))

/** The runtimes' packages hold binaries for this platform alone. */
const isHere = process.platform === 'linux' && process.arch === 'x64'
const isRequired = process.env.TOKENWARD_REQUIRE_ALL === '1'

beforeAll(async () => {
  copyFileSync(SMOKE, `${folder}/smoke.js`)
  await installRuntimes()
}, 300_000)

const CLIENT = { clientId: 'web', clientSecret: 'a secret' }

/** A session, an API that keeps every byte, and a stranger that it sends its callers to. */
async function world(token: 'expired' | 'denied' | 'revoked') {
  const server = createAuthorizationServer(CLIENT)
  const { issuer, close } = await server.listen()
  onTestFinished(close)
  const login = server.login()
  if (token === 'denied') server.denyAccessToken(login.access_token)
  if (token === 'revoked') server.revokeSession(login.refresh_token)
  const api = await serve(async ({ method, url, authorization = '' }, outgoing) => {
    const request = new Request(new URL(url, api.origin), { method, headers: { authorization } })
    const answer = await server.api(request)
    const location = new URL(request.url).searchParams.get('to')
    const isMoved = answer.ok && location
    outgoing.writeHead(isMoved ? 307 : answer.status, isMoved ? { location } : [...answer.headers].flat()) // prettier-ignore
    outgoing.end(await answer.text())
  })
  const stranger = await serve(({ method, authorization }, outgoing) =>
    outgoing.end(JSON.stringify({ method, token: authorization ?? null })),
  )
  const given = JSON.stringify({
    ...CLIENT,
    issuer,
    api: api.origin,
    elsewhere: stranger.origin,
    tokens: token === 'denied' ? login : { ...login, expires_at: 1 },
  })
  const obey = (runtime: string, law: string) => runBy(runtime, folder, 'smoke.js', [law, given])
  return { server, obey, api }
}

describe.runIf(isHere || isRequired).each(Object.keys(RUNTIMES))('on %s', (runtime) => {
  it('it is what it is called', async () => {
    expect(await versionOf(runtime)).toMatch(RUNTIMES[runtime]!.version)
  })

  it('an expired token is renewed once for fifty callers', async () => {
    const { server, obey } = await world('expired')
    expect(await obey(runtime, 'one refresh')).toEqual({ tokens: 1, isOld: false })
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it('a new token is saved before anybody gets it', async () => {
    const { server, obey } = await world('expired')
    const told = await obey(runtime, 'saved before used')
    expect(told).toEqual({ areSaved: [true], stored: true })
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it('a session is in a file, which one at a time renews', async () => {
    const home = mkdtempSync(join(tmpdir(), 'tokenward-runtime-'))
    onTestFinished(() => rmSync(home, { recursive: true }))
    const path = join(home, 'session.json')
    const given = JSON.stringify({ ...CLIENT, issuer: 'http://127.0.0.1', path })
    const told = await runBy(runtime, folder, 'smoke.js', ['a session in a file', given])
    expect(told).toEqual({ saved: true, leased: 'locked', version: 1 })
  })

  it('a session that has ended asks for a login, and the server no more', async () => {
    const { server, obey } = await world('revoked')
    const told = await obey(runtime, 'the end of a session')
    expect(told).toEqual({ codes: ['ERR_LOGIN_REQUIRED invalid-grant'], isOurs: true })
    expect(server.stats.tokenRequests).toBe(1)
  })

  it.each(['fetch', 'axios'])('401s are replayed with the new token: by %s', async (adapter) => {
    const { server, obey, api } = await world('denied')
    expect(await obey(runtime, `a 401, by ${adapter}`)).toEqual({ statuses: [200] })
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
    const sendings = new Map<string, Set<string>>()
    for (const { method, url, headers, body } of api.seen) {
      const { authorization: _token, connection: _hop, ...others } = headers
      const sent = JSON.stringify([method, others, body.toString('latin1')])
      sendings.set(url, (sendings.get(url) ?? new Set()).add(sent))
    }
    expect(sendings.size).toBeGreaterThanOrEqual(20)
    for (const [url, kinds] of sendings) expect([url, [...kinds]]).toEqual([url, [expect.any(String)]]) // prettier-ignore
    expect(api.seen.map(({ body }) => String(body)).join()).toMatch(/a form/)
  })

  it('a Request is replayed, and used up as fetch uses it up', async () => {
    const { server, obey } = await world('denied')
    expect(await obey(runtime, 'a 401, by a Request')).toEqual({ status: 200, bodyUsed: true })
    expect(server.stats.apiRequests).toBe(2)
  })

  it('a stream is not replayed, which is told', async () => {
    const { server, obey } = await world('denied')
    expect(await obey(runtime, 'a stream, by fetch')).toEqual({ status: 401, reason: 'body' })
    expect(server.stats.apiRequests).toBe(1)
  })

  it('a redirect takes the token no further than its origin', async () => {
    const { obey } = await world('expired')
    expect(await obey(runtime, 'a redirect, by fetch')).toEqual({
      there: [200, true, { method: 'POST', token: null }],
      back: [200, true, '/here'],
    })
  })

  it('an abort ends its own wait, and nobody else’s', async () => {
    const { obey } = await world('expired')
    expect(await obey(runtime, 'an abort, by fetch')).toEqual({ one: 'gone', other: 200 })
  })
})

if (isHere || isRequired) describeSqlite()
