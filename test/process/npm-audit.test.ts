import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AUDIT, verdictOf } from '../dependencies/audit.js'

/** What it means, whatever it says: see test/unit/dependencies.test.ts. */
describe('what npm audit says', () => {
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
})
