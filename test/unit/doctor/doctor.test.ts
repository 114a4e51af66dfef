import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TokenManager } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { createAuthorizationServer, type AuthorizationServer } from 'tokenward/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { main } from '../../../src/doctor/main.js'

const SECRET = 'the-clients-own-secret'

interface Asking {
  server?: AuthorizationServer
  agrees?: boolean
}

/** What the doctor prints, and its exit status; the machine itself is left out. */
async function doctor(words: string[], { server, agrees = false }: Asking = {}) {
  let printed = ''
  const questions: string[] = []
  const exitCode = await main(['doctor', '--skip-machine', ...words], {
    fetch: (url, init) =>
      server ? server.fetch(url, init) : Promise.reject(new TypeError('offline')),
    env: { ACME_SECRET: SECRET },
    print: (text) => void (printed += text),
    ask: (question) => {
      questions.push(question)
      return Promise.resolve(agrees)
    },
  })
  return { exitCode, printed, questions }
}

interface Report {
  subject: string
  findings: { about: string; verdict: string; text: string }[]
}

const CLIENT = ['--client-id', 'web', '--client-secret-env', 'ACME_SECRET']

describe('doctor --issuer', () => {
  it('reads the metadata, and finds nothing wrong', async () => {
    const server = createAuthorizationServer()
    const { exitCode, printed } = await doctor(['--issuer', server.issuer], { server })
    expect(exitCode).toBe(0)
    expect(printed).toContain('✓ metadata: token_endpoint is https://auth.example.com/token')
    expect(printed).toContain('· metadata: there is no end_session_endpoint')
    expect(printed).toContain("✓ clock: this machine's clock agrees with the server's")
    expect(printed).toContain('No problem was found.')
  })

  it.each([[], ['--json']])(
    'prints visible characters only, a line each, whatever the server says (%j)',
    async (...words) => {
      const hostile = '\u001b]52;c;aGk=\u0007\u202e\nNo problem was found.'
      const server = createAuthorizationServer()
      const lying: AuthorizationServer = {
        ...server,
        async fetch(url, init) {
          const response = await server.fetch(url, init)
          const said = (await response.json()) as object
          return Response.json({ ...said, revocation_endpoint: `${server.issuer}/${hostile}` })
        },
      }
      const { printed } = await doctor(['--issuer', server.issuer, ...words], { server: lying })
      expect(printed).toContain('revocation_endpoint is')
      expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|\\u00|\\n/u)
      expect(printed.split('\nNo problem was found.').length).toBeLessThan(3)
    },
  )

  it('says so when there is nobody', async () => {
    const { exitCode, printed } = await doctor(['--issuer', 'https://auth.example.com'])
    expect(exitCode).toBe(1)
    expect(printed).toContain('✗ metadata: ')
  })

  it('tells how wrong the clock is', async () => {
    const server = createAuthorizationServer({ clockOffsetMs: 120_000 })
    const { exitCode, printed } = await doctor(['--issuer', server.issuer], { server })
    expect(exitCode).toBe(1)
    expect(printed).toMatch(/✗ clock: this machine's clock is 1(19|20) s behind the server's/)
  })

  it('prints data', async () => {
    const server = createAuthorizationServer()
    const { printed } = await doctor(['--issuer', server.issuer, '--json'], { server })
    const { subject, findings } = JSON.parse(printed) as Report
    expect(subject).toBe(server.issuer)
    expect(findings.map(({ about }) => about)).toContain('metadata')
    expect(findings.every(({ verdict }) => verdict !== 'problem')).toBe(true)
  })
})

describe('doctor --client-id', () => {
  const issued = () => createAuthorizationServer({ clientId: 'web', clientSecret: SECRET })
  const endpoint = ['--token-endpoint', 'https://auth.example.com/token']

  it('asks first, and sends nothing without a yes', async () => {
    const server = issued()
    const { printed, questions } = await doctor([...endpoint, ...CLIENT], { server })
    expect(questions).toHaveLength(1)
    expect(printed).toContain('· client: not tried')
    expect(server.stats.tokenRequests).toBe(0)
  })

  it('tells that the client is accepted, with one request that spends nothing', async () => {
    const server = issued()
    const asking = { server, agrees: true }
    const { exitCode, printed } = await doctor([...endpoint, ...CLIENT], asking)
    expect(exitCode).toBe(0)
    expect(printed).toContain('✓ client: the client is accepted')
    expect(server.stats).toMatchObject({ tokenRequests: 1, issued: 0, reuse: 0 })
  })

  it('tells that the client is refused, without its secret', async () => {
    const server = createAuthorizationServer({ clientId: 'web', clientSecret: 'another' })
    const { exitCode, printed } = await doctor([...endpoint, ...CLIENT, '--yes'], { server })
    expect(exitCode).toBe(1)
    expect(printed).toContain('✗ client: the client is refused')
    expect(printed).not.toContain(SECRET)
  })

  it('tells that a dead refresh token is not recognised, and what to do', async () => {
    const server = issued()
    server.next({ status: 400, body: { error: 'oh_no', error_description: `it was ${SECRET}` } })
    const { exitCode, printed } = await doctor([...endpoint, ...CLIENT, '--yes'], { server })
    expect(exitCode).toBe(1)
    expect(printed).toContain('is not recognised')
    expect(printed).toContain('errors.endsSession')
    expect(printed).not.toContain(SECRET)
  })
})

describe('doctor --session', () => {
  it('tells what happened to a session, and no token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'session.json')
    const tokens = new TokenManager({
      store: fileStore({ path }),
      refresh: () => Promise.resolve({ access_token: 'a-secret-token-2', expires_in: 60 }),
    })
    await tokens.setTokens({ access_token: 'a-secret-token', refresh_token: 'a-secret-refresh' })
    await tokens.refresh()
    await tokens.close()

    const { exitCode, printed } = await doctor(['--session', path])

    expect(exitCode).toBe(0)
    expect(printed).toContain('✓ session: there is a session, and its user is logged in')
    expect(printed).toContain('The user logged in')
    expect(printed).not.toContain('a-secret')
  })

  it('tells that there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { exitCode, printed } = await doctor(['--session', join(folder, 'nothing.json')])
    expect(exitCode).toBe(1)
    expect(printed).toContain('there is no session')
  })
})

describe('a command that is wrong', () => {
  it.each([
    [['--nope'], /nope/],
    [['a-server-that-nobody-knows'], /there is no preset with this name. The presets are: .*slack/],
    [['slack', 'google'], /takes one preset/],
    [['slack', '--client-auth', 'basic'], /clientAuth/],
    [['--issuer', 'auth.example.com'], /issuer/],
    [['slack', '--option', 'tokenRotation'], /NAME=VALUE/],
    [['okta'], /--option domain/],
    [
      ['--issuer', 'https://a.example', '--client-secret-env', SECRET],
      /must be the name of an environment variable/,
    ],
  ])('%j is told', async (words, message) => {
    const { exitCode, printed } = await doctor(words)
    expect(exitCode).toBe(2)
    expect(printed).toMatch(message)
    expect(printed).not.toContain(SECRET)
  })

  it('without any is help', async () => {
    let printed = ''
    const world = {
      fetch: () => Promise.reject(new Error()),
      env: {},
      print: (text: string) => void (printed += text),
      ask: () => Promise.resolve(false),
    }
    expect(await main([], world)).toBe(0)
    expect(printed).toContain('Usage: tokenward doctor')
    expect(await main(['surgeon'], world)).toBe(2)
  })
})
