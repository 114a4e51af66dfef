import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { logInAt, useBundle, useFolder, useServer } from './support/resources.js'
import { expired } from './support/scene.js'

const script = useBundle('acme')
const folder = useFolder()
const server = useServer()
const run = promisify(execFile)

const environment = (more: Record<string, string> = {}) => ({
  PATH: process.env.PATH,
  HOME: folder(),
  XDG_STATE_HOME: join(folder(), 'state'),
  ACME_ISSUER: server().issuer,
  ACME_CLIENT_ID: 'cli',
  ...more,
})
const logIn = () => logInAt(join(folder(), 'state/acme/sessions/default.json'), expired(server()))

async function acme(args: string[], env: Record<string, string> = {}, stdin = '') {
  const running = run(process.execPath, [script(), ...args], { env: environment(env) })
  running.child.stdin!.end(stdin)
  return running
}

async function listen(serve: RequestListener): Promise<string> {
  const http = createServer(serve).listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(() => void http.close().closeAllConnections())
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

const tokenNow = async () => (await acme(['token'])).stdout.trim()

describe('a token for other programs', () => {
  it('is plain, or JSON with its end, and is renewed first', async () => {
    await logIn()
    const before = Date.now()
    const { stdout, stderr } = await acme(['token', '--json'])
    const { accessToken, expiresAt } = JSON.parse(stdout) as Record<string, string>
    expect(Date.parse(expiresAt!)).toBeGreaterThan(before + 60_000)
    expect(stderr).toBe('')
    expect(await tokenNow()).toBe(accessToken)
  })

  it('kubectl: is an ExecCredential', async () => {
    await logIn()
    const { stdout } = await acme(['kubernetes-credential'])
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'ExecCredential',
      status: { token: await tokenNow() },
    })
  })

  it('AWS: is exchanged at STS', async () => {
    await logIn()
    const forms: URLSearchParams[] = []
    const sts = await listen((request, response) => {
      void text(request).then((form) => {
        forms.push(new URLSearchParams(form))
        const Credentials = { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't', Expiration: 4e9 } // prettier-ignore
        const AssumeRoleWithWebIdentityResult = { Credentials }
        const body = { AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult } }
        response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
      })
    })
    const { stdout } = await acme(['aws-credentials'], { ACME_STS: sts })
    expect(JSON.parse(stdout)).toMatchObject({ Version: 1, AccessKeyId: 'ASIA' })
    expect(forms.map((form) => form.get('WebIdentityToken'))).toEqual([await tokenNow()])
  })

  it('without a session: nothing on stdout, and a code of its own', async () => {
    const failure = (await acme(['token']).catch((error: unknown) => error)) as {
      code: number
      stdout: string
      stderr: string
    }
    expect(failure).toMatchObject({ code: 3, stdout: '' })
    expect(failure.stderr).toContain('acme login')
  })
})

describe('real git', () => {
  /** A repository that wants the access token as a password. */
  async function repository() {
    const rejected = new Set<string>()
    const seen: string[] = []
    const origin = await listen((request, response) => {
      const basic = request.headers.authorization?.split(' ')[1] ?? ''
      const [user, token = ''] = Buffer.from(basic, 'base64').toString().split(':')
      if (token) seen.push(token)
      if (user !== 'oauth2' || rejected.has(token)) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
        return
      }
      response.setHeader('content-type', 'text/plain').end(`${'a'.repeat(40)}\trefs/heads/main\n`)
    })
    return { origin, rejected, seen }
  }

  const listRefs = (origin: string, env: Record<string, string> = {}) => {
    const helper = `!'${process.execPath}' '${script()}' git-credential`
    const args = ['-c', `credential.helper=${helper}`, 'ls-remote', `${origin}/acme.git`]
    const quiet = { GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' }
    return run('git', args, { env: environment({ ACME_GIT: origin, ...quiet, ...env }) })
  }

  it('asks, and the server takes the token', async () => {
    await logIn()
    const { origin, seen } = await repository()
    expect((await listRefs(origin)).stdout).toContain('refs/heads/main')
    expect(new Set(seen)).toEqual(new Set([await tokenNow()]))
  })

  it('tells of a token that the server refuses, which is then renewed', async () => {
    await logIn()
    const { origin, rejected } = await repository()
    const token = await tokenNow()
    rejected.add(token)
    await expect(listRefs(origin)).rejects.toThrow()
    expect(await tokenNow()).not.toBe(token)
    expect((await listRefs(origin)).stdout).toContain('refs/heads/main')
  })

  it('gets nothing for another server', async () => {
    await logIn()
    const { origin, seen } = await repository()
    const elsewhere = listRefs(origin, { ACME_GIT: 'https://git.acme.example' })
    await expect(elsewhere).rejects.toThrow()
    expect(seen).toEqual([])
  })
})
