import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Runs a fixture in a process of its own, which has to end by itself within 30 s, without a complaint. */
export async function runScript(
  name: string,
  flags: string[] = [],
  variables: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string; tookMs: number }> {
  const startedAt = performance.now()
  const script = path(`../fixtures/${name}`)
  const options = [...flags, '--unhandled-rejections=strict', '--import', 'tsx', script]
  const env = { ...process.env, ...variables, TSX_TSCONFIG_PATH: path('../../tsconfig.json') }
  const { stdout, stderr } = await run(process.execPath, options, { env, timeout: 30_000 })
  return { stdout, stderr, tookMs: performance.now() - startedAt }
}
