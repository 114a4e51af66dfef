import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)
const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

describe.skipIf(process.platform === 'win32')(
  'a disk that is full in the middle of a record',
  () => {
    // As on a full disk, the first write takes what there is room for and says nothing.
    it('is an error, leaves the record before as it was, and no temporary file', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tokenward-full-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const limited = 'trap "" XFSZ; ulimit -f 16; exec "$@"'
      const node = [process.execPath, '--import', 'tsx', pathOf('fixtures/saves-too-much.ts')]
      const tsconfig = pathOf('../tsconfig.json')
      const env = { ...process.env, TSX_TSCONFIG_PATH: tsconfig, TSX_DISABLE_CACHE: '1' }
      const path = join(folder, 'session.json')
      const { stdout } = await run('sh', ['-c', limited, 'sh', ...node, path], { env })
      expect(JSON.parse(stdout)).toEqual({ refusal: 'unwritable', version: 1 })
      expect(readdirSync(folder).sort()).toEqual(['session.json'])
    }, 30_000)
  },
)
