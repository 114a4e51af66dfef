import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TokenManager } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { main } from '../../src/doctor/main.js'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'

let server: AuthorizationServer

beforeAll(async () => {
  server = await startAuthorizationServer({ accessTokenTtl: 300 })
})

afterAll(() => server.stop())

/** What the doctor says, over real sockets. */
async function doctor(words: string[], secret = '') {
  let printed = ''
  const status = await main(['doctor', '--skip-machine', ...words], {
    fetch: (url, init) => fetch(url, init),
    env: { SECRET: secret },
    print: (text) => void (printed += text),
    ask: () => Promise.reject(new Error('asked')),
  })
  return { status, printed }
}

const clientOf = ({ clientId, clientAuth }: { clientId: string; clientAuth?: string }) => [
  ...['--client-id', clientId, '--client-secret-env', 'SECRET', '--yes'],
  ...(clientAuth === undefined ? [] : ['--client-auth', clientAuth]),
]

describe('the doctor at oidc-provider', () => {
  it('finds its endpoints, and its clock', async () => {
    const { status, printed } = await doctor(['--issuer', server.issuer])
    expect(printed).toContain(`✓ metadata: token_endpoint is ${server.issuer}/token`)
    expect(printed).toContain(
      `✓ metadata: revocation_endpoint is ${server.issuer}/token/revocation`,
    )
    expect(printed).toContain("✓ clock: this machine's clock agrees with the server's")
    expect(status).toBe(0)
  })

  it.each(['client_secret_basic', 'client_secret_post', 'client_secret_jwt'] as const)(
    'tells that a client with %s is accepted, and ends nobody’s session',
    async (method) => {
      const { tokens } = await server.logIn('ann')
      const client = server.clients[method]
      const words = ['--issuer', server.issuer, ...clientOf(client)]
      const { status, printed } = await doctor(words, client.clientSecret)
      expect(printed).toContain('✓ client: the client is accepted')
      expect(printed).not.toContain(client.clientSecret)
      expect(status).toBe(0)
      expect(await server.knows(tokens.refresh_token!)).toBe(true)
    },
  )

  it('tells that a client is refused, by the endpoint alone', async () => {
    const words = ['--token-endpoint', `${server.issuer}/token`, ...clientOf(server.client)]
    const { status, printed } = await doctor(words, 'another-secret')
    expect(printed).toContain('✗ client: the client is refused')
    expect(printed).not.toContain('another-secret')
    expect(status).toBe(1)
  })

  it('tells what a preset knows otherwise than this server', async () => {
    const { status, printed } = await doctor(['slack', '--issuer', server.issuer])
    expect(printed).toContain(
      `✗ metadata: the preset has https://slack.com/api/oauth.v2.access as token_endpoint, the server says ${server.issuer}/token`,
    )
    expect(status).toBe(1)
  })

  it('tells why a session ended, and shows no token, also as data', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'session.json')
    const { tokens: login } = await server.logIn('bob')
    const tokens = new TokenManager({
      refresh: oauthClient(server.client).refreshToken(),
      store: fileStore({ path }),
    })
    await tokens.setTokens(login)
    const renewed = await tokens.refresh()
    await server.revokeSessions()
    await tokens.refresh().catch(() => undefined)
    await tokens.close()

    for (const words of [
      ['--session', path],
      ['--session', path, '--json'],
    ]) {
      const { status, printed } = await doctor(words)
      expect(printed).toContain('the session has ended: invalid-grant')
      for (const secret of [login.access_token, login.refresh_token!, renewed]) {
        expect(printed).not.toContain(secret)
      }
      expect(status).toBe(1)
    }
  })
})
