import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthorizationServer } from 'tokenward/testing'
import { describe, expect, inject, it, onTestFinished } from 'vitest'

const SECRET = 'the-clients-own-secret'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What is installed beside nothing else. */
const INSTALLED = join(inject('bare'), 'node_modules/.bin/tokenward')

/** The installed command, with a home of its own. */
async function run(program: string, words: string[]): Promise<Ended> {
  const home = await mkdtemp(join(tmpdir(), 'doctor-home-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const env = { PATH: process.env.PATH, HOME: home, SECRET }
  return new Promise((resolve) => {
    execFile(program, words, { cwd: inject('bare'), env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

const tokenward = (...words: string[]) => run(INSTALLED, words)

describe('npx tokenward doctor', () => {
  it('says how it is used', async () => {
    const { code, stdout } = await run('npx', ['--no-install', 'tokenward', '--help'])
    expect(stdout).toContain('Usage: tokenward doctor')
    expect(code).toBe(0)
  })

  it('looks at the machine, where the keyring is not installed', async () => {
    const { code, stdout } = await tokenward('doctor', 'slack')
    expect(stdout).toContain('tokenward doctor: Slack')
    expect(stdout).toContain('✓ machine: a session can be kept in a file')
    expect(stdout).toContain('· machine: the keyring: ')
    expect(code).toBe(0)
  })

  it('tries a client at a server, and prints data without its secret', async () => {
    const server = createAuthorizationServer({ clientId: 'web', clientSecret: SECRET })
    const { issuer, close } = await server.listen()
    onTestFinished(close)
    const client = ['--client-id', 'web', '--client-secret-env', 'SECRET', '--yes']
    const words = ['doctor', '--issuer', issuer, ...client, '--skip-machine', '--json']
    const { code, stdout, stderr } = await tokenward(...words)
    const { subject, findings } = JSON.parse(stdout) as { subject: string; findings: object[] }
    expect(subject).toBe(issuer)
    expect(findings).toContainEqual({
      about: 'client',
      verdict: 'good',
      text: 'the client is accepted, and a dead refresh token is recognised',
    })
    expect(stdout + stderr).not.toContain(SECRET)
    expect(code).toBe(0)
    expect(server.stats).toMatchObject({ tokenRequests: 1, issued: 0 })
  })

  it('asks nobody where there is no terminal, and sends nothing', async () => {
    const server = createAuthorizationServer({ clientId: 'web', clientSecret: SECRET })
    const { issuer, close } = await server.listen()
    onTestFinished(close)
    const { stdout } = await tokenward('doctor', '--issuer', issuer, '--client-id', 'web')
    expect(stdout).toContain('· client: not tried: confirm the question, or pass --yes')
    expect(server.stats.tokenRequests).toBe(0)
  })

  it('fails where the command is wrong', async () => {
    expect(await tokenward('doctor', 'nobody')).toMatchObject({ code: 2 })
  })
})
