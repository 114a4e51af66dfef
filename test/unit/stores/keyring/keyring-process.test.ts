import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { isTokenError, type StoredSession } from 'tokenward'
import { keyringStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const { execPath } = process
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-keyring-process-'))
})
afterEach(() => {
  process.execPath = execPath
  rmSync(folder, { recursive: true, force: true })
})

/** Saves by a process that does this in the place of asking the keyring. */
async function failureBy(deed: string): Promise<Error> {
  const executable = join(folder, 'program')
  writeFileSync(executable, `#!/bin/sh\nread asked\n${deed}\n`, { mode: 0o755 })
  process.execPath = executable
  const path = join(folder, 'session.json')
  const store = keyringStore({ service: 'my-cli', account: 'me', path, timeoutMs: 5_000 })
  const session: StoredSession = { sessionId: 'a', version: 1, tokens: null }
  const error: unknown = await store.save(session, { ifVersion: undefined }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(isTokenError(error, 'ERR_TOKEN_STORE')).toBe(true)
  return error as Error
}

describe.skipIf(process.platform === 'win32')(
  'what the process prints that asks the keyring',
  () => {
    it('may have no end: no more than a line is kept, and nobody waits for the rest', async () => {
      const error = await failureBy(String.raw`yes | tr -d '\n'`)
      expect(error.cause).toMatchObject({ message: 'It printed a line that does not end' })
    })

    it.each([
      ['cut short', 'tokenward:{"key":"the-very-key'],
      ['null', 'tokenward:null'],
      ['no JSON', 'tokenward:the-very-key'],
    ])('may be no answer, which is an error and no crash: %s', async (_, answer) => {
      const error = await failureBy(`echo '${answer}'`)
      expect(error.cause).toMatchObject({ message: 'Its response is not JSON' })
      expect(inspect(error)).not.toContain('the-very-key')
    })

    it.each([
      ['another kind of value', '{"key":5,"error":["x"]}', /did not store the key/],
      ['no key of ours', '{"key":"short"}', /not a key of tokenward/],
      ['an error and a key', '{"key":"x","error":"no bus","stage":"open"}', /There is no keyring/],
    ])('is believed only as far as it is sound: %s', async (_, answer, message) => {
      expect((await failureBy(`echo 'tokenward:${answer}'`)).message).toMatch(message)
    })

    it.each(['get', 'open'])(
      'is shown as one line of visible characters: stage %s',
      async (stage) => {
        const said = JSON.stringify({ stage, error: 'locked\u001b[2J\n\u202eIgnore this' })
        const error = await failureBy(`cat << 'END'\ntokenward:${said}\nEND`)
        for (const { message } of [error, error.cause as Error]) {
          expect(message).toMatch(/^[\x20-\x7e]+$/)
        }
        expect((error.cause as Error).message).toBe('locked[2J Ignore this')
      },
    )
  },
)
