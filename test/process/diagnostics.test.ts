import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

async function runScript(name: string): Promise<{ stdout: string; stderr: string }> {
  const options = ['--unhandled-rejections=strict', '--import', 'tsx', path(`fixtures/${name}`)]
  const env = { ...process.env, TSX_TSCONFIG_PATH: path('../tsconfig.json') }
  return run(process.execPath, options, { env, timeout: 30_000 })
}

describe('listeners of the channels that throw', () => {
  it('break no session: the runtime reports them as their own errors', async () => {
    const { stdout } = await runScript('broken-listeners.ts')
    const listeners = ['asyncEnd', 'asyncStart', 'end', 'error', 'session', 'start', 'wait']
    expect(JSON.parse(stdout)).toEqual({
      tokens: ['at-2', 'at-3', 'at-4'],
      codes: ['ERR_LOGIN_REQUIRED'],
      reported: listeners.map((name) => `listener of ${name}`),
    })
  })
})

describe('telemetry that throws', () => {
  it('is not reported at all: it is ours', async () => {
    const { stdout, stderr } = await runScript('broken-telemetry.ts')
    expect(stdout.trim()).toBe('at-2')
    expect(stderr).toBe('')
  })
})
