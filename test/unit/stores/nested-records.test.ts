import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { postgresStore } from 'tokenward/postgres'
import { redisStore } from 'tokenward/redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { jsonTokens } from '../../../src/cli/old-tokens.js'

/** The text of a whole record, but for how deep one value of the app's own is nested. */
const recordOf = (depth: number) =>
  `{"sessionId":"s","version":5,"tokens":{"accessToken":"a","tokenType":"bearer","issuedAt":1,"extra":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}}`

const HOMES = {
  'a file': async (record: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-nested-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'session.json')
    await writeFile(path, `{"tokenward":1,"write":"w","session":${record}}`, { mode: 0o600 })
    return fileStore({ path }).load()
  },
  Redis: (record: string) => {
    const run = async () => ['5', `=${record}`]
    return redisStore({ client: { status: 'ready', eval: run, evalsha: run }, key: 'k' }).load()
  },
  Postgres: (record: string) => {
    const pool = { query: async () => ({ rows: [{ version: '5', session: record }] }) }
    return postgresStore({ pool, key: 'k' }).load()
  },
}

describe.each(Object.entries(HOMES))('a record in %s', (_, load) => {
  it('is read where an app keeps what is nested', async () => {
    expect(await load(recordOf(900))).toMatchObject({ sessionId: 's', version: 5 })
  })

  it('that is nested without end is damage, and is not parsed', async () => {
    await expect(load(recordOf(1_001))).rejects.toMatchObject({ reason: 'damaged' })
    await expect(load(recordOf(500_000))).rejects.toMatchObject({ reason: 'damaged' })
    await expect(load('['.repeat(1_000_000))).rejects.toMatchObject({ reason: 'damaged' })
  })
})

it('an old session file that is nested without end is not parsed', () => {
  expect(() => jsonTokens()(recordOf(1_001))).toThrow('nested too deeply')
})
