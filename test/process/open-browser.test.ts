import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { useBundle, useFolder } from './support/resources.js'

const script = useBundle('opens-browser')
const folder = useFolder()

describe.skipIf(process.platform === 'win32')('a browser that is opened', () => {
  it('does not keep the CLI running, and is not in its group, which Ctrl-C ends', async () => {
    const [browser, told] = [join(folder(), 'browser'), join(folder(), 'told')]
    const code = `#!/bin/sh\nps -o pgid= -p $$ > '${told}.new'; echo "$$ $1" >> '${told}.new'\nmv '${told}.new' '${told}'\nexec sleep 600\n`
    writeFileSync(browser, code, { mode: 0o755 })
    const env = { ...process.env, BROWSER: browser }
    const child = spawn(process.execPath, [script()], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdout.resume()
    expect(await once(child, 'close')).toEqual([0, null])

    await expect.poll(() => readFileSync(told, 'utf8').trim(), { timeout: 10_000 }).not.toBe('')
    const [group, pid, url] = readFileSync(told, 'utf8').trim().split(/\s+/)
    onTestFinished(() => void process.kill(Number(pid), 'SIGKILL'))
    expect(() => process.kill(Number(pid), 0)).not.toThrow()
    expect(Number(group)).toBe(Number(pid))
    expect(url).toBe('https://auth.example.com/authorize?state=x')
  })
})
