import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { expect, describe, it } from 'vitest'
import { useBundle } from './support/resources.js'
import { useDueSession } from './support/due-session.js'

const script = useBundle('due')
const session = useDueSession()

/** Runs it while its token has a minute of its hour left. */
async function callDue(refreshWindowMs?: number) {
  const env = await session.begin({ status: 404, refreshWindowMs })
  const child = execFile(process.execPath, [script()], { env })
  const [code] = (await once(child, 'close')) as [number]
  return { code, requests: session.tokenRequests, isRenewed: await session.isRenewed() }
}

describe('a command whose API answers 404 while the token is due', () => {
  it('saves the refresh that has begun behind it', async () => {
    expect(await callDue()).toEqual({ code: 1, requests: 1, isRenewed: true })
  })

  it('with `refreshWindowMs: 0` begins none: it renews when it must', async () => {
    expect(await callDue(0)).toEqual({ code: 1, requests: 0, isRenewed: false })
  })
})
