import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AUDIT, verdictOf } from '../dependencies/audit.js'
import { licenceFlaws } from '../dependencies/licences.js'

describe('the licences of what is installed', () => {
  const flawsOf = (found: object, whom: 'users' | 'tools' = 'users') =>
    licenceFlaws({ packages: { '': {}, 'node_modules/x': { version: '1.0.0', ...found } } }, whom)

  it.each([
    { license: 'MIT' },
    { license: '(GPL-3.0-only OR MIT)' },
    { license: 'MIT AND ISC' },
    { license: 'MPL-2.0', dev: true },
  ])('may be %j', (found) => {
    expect(flawsOf(found)).toEqual([])
  })

  it.each([
    {},
    { license: 'UNLICENSED' },
    { license: 'MPL-2.0' },
    { license: 'LGPL-3.0-or-later' },
    { license: 'MIT AND GPL-3.0-only' },
    { license: 'AGPL-3.0-only', dev: true },
  ])('may not be %j', (found) => {
    expect(flawsOf(found)).toHaveLength(1)
  })

  it('may ask more of a tool than of what users install', () => {
    expect(flawsOf({ license: 'MPL-2.0' }, 'tools')).toEqual([])
    expect(flawsOf({ license: 'Apache-2.0 AND LGPL-3.0-or-later' }, 'tools')).toEqual([])
    expect(flawsOf({ license: 'AGPL-3.0-only' }, 'tools')).toHaveLength(1)
  })

  it('is not asked of a folder of ours', () => {
    expect(flawsOf({ link: true })).toEqual([])
  })
})

describe('what npm audit says', () => {
  it('counts where it knows of a weakness', () => {
    const report = { vulnerabilities: { x: { severity: 'low', range: '<2' } } }
    expect(verdictOf(JSON.stringify(report))).toEqual({ known: true, flaws: ['x <2: low'] })
    expect(verdictOf('{"vulnerabilities":{}}')).toEqual({ known: true, flaws: [] })
  })

  it('counts where the fault is ours, and no registry mends it', () => {
    const report = { error: { code: 'ENOLOCK', summary: 'It requires a lockfile', detail: '' } }
    const flaws = ['npm audit: It requires a lockfile']
    expect(verdictOf(JSON.stringify(report))).toEqual({ known: true, flaws })
  })

  it('is what the registry says, however npm is configured: offline, it would not ask', async () => {
    const advisory = { id: 1, url: 'https://a.test', title: 'x', severity: 'high', vulnerable_versions: '*' } // prettier-ignore
    const version = { name: 'mitt', version: '3.0.1' }
    const about = { name: 'mitt', versions: { '3.0.1': version }, 'dist-tags': {} }
    const verdict = await auditedAt(({ method }, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(method === 'POST' ? { mitt: [advisory] } : about))
    })
    expect(verdict).toEqual({ known: true, flaws: ['mitt *: high'] })
  })

  it('is nothing where a registry has no advisories, as a mirror', async () => {
    const verdict = await auditedAt((_, response) => response.writeHead(405).end())
    expect(verdict).toMatchObject({ known: false, why: expect.stringContaining('405') })
  })

  async function auditedAt(answer: (...on: [IncomingMessage, ServerResponse]) => unknown) {
    const registry = createServer((...on) => void answer(...on)).listen(0, '127.0.0.1')
    onTestFinished(() => void registry.close())
    await once(registry, 'listening')
    const { port } = registry.address() as AddressInfo
    const env = { ...process.env, npm_config_offline: 'true', npm_config_registry: `http://127.0.0.1:${port}` } // prettier-ignore
    const npm = spawn('npm', AUDIT, { env, shell: process.platform === 'win32' })
    let printed = ''
    npm.stdout.on('data', (part: Buffer) => (printed += String(part)))
    await once(npm, 'close')
    return verdictOf(printed)
  }

  it.each([
    '',
    'npm error',
    '{"message":"503 Service Unavailable","error":{"summary":"","detail":""}}',
    '{"message":"405 Method Not Allowed\\n - POST"}',
  ])(
    'counts for nothing where the registry did not answer, which is told in one line: %s',
    (output) => {
      const verdict = verdictOf(output)
      expect(verdict).toMatchObject({ known: false, why: expect.stringMatching(/^.{1,200}$/) })
    },
  )
})
