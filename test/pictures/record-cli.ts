import { build } from 'esbuild'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAuthorizationServer, listenOnLoopback } from 'tokenward/testing'
import { TYPED } from './typed.js'
import type { Line } from './terminal.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const USER = 'ada@acme.example'

/** Runs the example CLI against servers on loopback, which the picture calls by the names of Acme's. */
export async function recordCli(): Promise<Line[]> {
  const home = await mkdtemp(join(tmpdir(), 'tokenward-picture-'))
  const server = createAuthorizationServer({ clientId: 'acme-cli', deviceIntervalMs: 50 })
  const listening = await server.listen()
  const { issuer } = listening
  const api = await listenOnLoopback(
    server.protect(() => Response.json({ name: 'Ada Lovelace', team: 'Analytical Engines' })),
  )
  try {
    const program = await bundleExample(home)
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      ACME_ISSUER: issuer,
      ACME_API: api.url,
      ACME_RESOURCE: api.url,
    }
    const named = (text: string) =>
      text
        .replaceAll(issuer, 'https://auth.acme.example')
        .replaceAll(home, '~')
        .replace(/(enter )\S+/, '$1WDJB-MJHT')
        .replace(/\d{4}-\d\d-\d\dT\S+/, '2026-11-28T13:00:00.000Z')
    const lines: Line[] = []
    const show = (text: string) => lines.push({ atMs: Math.round(performance.now()), text })
    for (const typed of TYPED) {
      show(`$ ${typed}`)
      await runLine(typed.replace('acme', `${process.execPath} ${program}`), env, (text) => {
        const [, code] = /enter (\S+)/.exec(text) ?? []
        if (code) server.enterUserCode(code, { sub: USER })
        show(named(text))
      })
    }
    return lines
  } finally {
    await Promise.all([listening.close(), api.close()])
    await rm(home, { recursive: true })
  }
}

async function bundleExample(folder: string): Promise<string> {
  const outfile = join(folder, 'acme.mjs')
  await build({
    entryPoints: [join(ROOT, 'docs/examples/cli/src/main.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    tsconfig: join(ROOT, 'test/tsconfig.json'), // points `tokenward/*` at the source
    external: ['@napi-rs/keyring'],
    banner: {
      js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url)",
    },
    logLevel: 'error',
  })
  return outfile
}

/** Both of its outputs, line by line, as a terminal shows them. */
function runLine(
  line: string,
  env: NodeJS.ProcessEnv,
  onLine: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `exec 2>&1; ${line}`], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const texts = (rest + text).split('\n')
      rest = texts.pop()!
      texts.forEach(onLine)
    })
    child.on('error', reject).on('close', () => resolve())
  })
}
