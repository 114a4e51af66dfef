import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { expect, describe, it, onTestFinished } from 'vitest'
import type { DueCall } from './support/protocol.js'
import { logInAt, useBundle, useFolder, useServer } from './support/resources.js'

const script = useBundle('due')
const folder = useFolder()
const server = useServer()

/** Runs it while its token has a minute of its hour left. */
async function callDue(refreshWindowMs?: number) {
  const path = join(folder(), 'session.json')
  const { access_token: accessToken, refresh_token: refreshToken } = server().login()
  const times = { issuedAt: Date.now() - 59 * 60_000, expiresAt: Date.now() + 60_000 }
  await logInAt(path, { accessToken: accessToken, refreshToken, ...times })
  const api = createServer((_request, response) => response.writeHead(404).end())
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  onTestFinished(() => void api.close())
  let requests = 0
  server().always({
    respond: async (_request, answer) => {
      requests += 1
      await new Promise((resolve) => setTimeout(resolve, 300)) // long after the API's 404
      return answer()
    },
  })
  const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  const setting: DueCall = { issuer: server().issuer, path, api: origin, refreshWindowMs }
  const env = { ...process.env, SETTING: JSON.stringify(setting) }
  const child = execFile(process.execPath, [script()], { env })
  const [code] = (await once(child, 'close')) as [number]
  const stored = await fileStore({ path }).load()
  return { code, requests, isRenewed: stored?.tokens?.accessToken !== accessToken }
}

describe('a command whose API answers 404 while the token is due', () => {
  it('saves the refresh that has begun behind it', async () => {
    expect(await callDue()).toEqual({ code: 1, requests: 1, isRenewed: true })
  })

  it('with `refreshWindowMs: 0` begins none: it renews when it must', async () => {
    expect(await callDue(0)).toEqual({ code: 1, requests: 0, isRenewed: false })
  })
})
