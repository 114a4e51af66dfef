import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Where the real packages, which are left out of the bundle, are found. */
const HOME = path('../node_modules/.cache')

/** A CLI as one file of plain JavaScript, which starts ten times as fast as its TypeScript would. */
export async function bundleMcpCli(): Promise<string> {
  mkdirSync(HOME, { recursive: true })
  const folder = mkdtempSync(join(HOME, 'mcp-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const outfile = join(folder, 'mcp-cli.mjs')
  await build({
    entryPoints: [path('../fixtures/mcp-cli.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    tsconfig: path('../../tsconfig.json'), // points `tokenward/*` at the source
    packages: 'external',
    logLevel: 'error',
  })
  return outfile
}

/** What a process says: that it is ready, a URL to open in the user's browser, or how it went. */
type Said = 'ready' | { open: string } | { said: unknown } | { failed: string }

/**
 * A process of that CLI, which calls a tool of the MCP server when it is told to.
 *
 * @param open - the user's browser
 */
export async function startMcpCli(
  script: string,
  url: string,
  sessionFile: string,
  open: (url: string) => void,
) {
  const child = fork(script, [url, sessionFile], { execArgv: [] })
  await once(child, 'message')
  return async (): Promise<unknown> => {
    const answered = new Promise((resolve) => {
      child.on('message', (said: Said) =>
        typeof said === 'object' && 'open' in said ? open(said.open) : resolve(said),
      )
    })
    child.send('go')
    const answer = await answered
    await once(child, 'exit')
    return answer
  }
}
