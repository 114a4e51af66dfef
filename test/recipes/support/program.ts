import { execFile, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { inject } from 'vitest'
import { freePort } from '../../support/free-port.js'

const RECIPES = fileURLToPath(new URL('../../../docs/examples/recipes/', import.meta.url))
const SOURCES = join(RECIPES, 'src')
const POLL_MS = 20

/** One process of a recipe's program. */
export interface Instance {
  readonly origin: string
  readonly process: ChildProcess
  /** As a deploy does. @returns its exit code, or the signal that ended it */
  stop(): Promise<number | string>
}

/** A user's project: the packed package, the frameworks, and the programs as the pages print them. */
export function projectOf(recipe: string, type: 'module' | 'commonjs'): string {
  const folder = join(inject('full'), `recipe-${recipe}-${type}`)
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
  for (const name of installed()) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(RECIPES, 'node_modules', name), link)
  }
  const sources = readdirSync(SOURCES).filter((file) => file.endsWith('.ts'))
  for (const file of sources) {
    const code = readFileSync(join(SOURCES, file), 'utf8')
    writeFileSync(join(folder, file.replace(/ts$/, 'js')), compiled(code, type))
  }
  return folder
}

/** @throws if it does not end with 0 */
export async function runProgram(
  file: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  const env = { ...process.env, NODE_OPTIONS: '', ...environment }
  await promisify(execFile)(process.execPath, [file, ...args], { env })
}

/** Listens when this resolves. */
export async function startProgram(
  file: string,
  environment: Record<string, string>,
  port?: number,
): Promise<Instance> {
  const chosen = port ?? (await freePort())
  const child = fork(file, [], {
    execArgv: ['--unhandled-rejections=strict', '--no-warnings'],
    env: { ...process.env, NODE_OPTIONS: '', PORT: String(chosen), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  let output = ''
  const keep = (chunk: Buffer) => (output += String(chunk))
  child.stdout!.on('data', keep)
  child.stderr!.on('data', keep)
  const ended = once(child, 'exit').then(([code, signal]) => {
    process.off('exit', killAtExit)
    return (code ?? signal) as number | string
  })
  while (!(await isListening(chosen))) {
    if (child.exitCode !== null) throw new Error(`${file} ended:\n${output}`)
    await delay(POLL_MS)
  }
  const stop = () => {
    if (child.exitCode === null) child.kill('SIGTERM')
    return ended
  }
  return { origin: `http://127.0.0.1:${chosen}`, process: child, stop }
}

function installed(): string[] {
  const manifest = readFileSync(join(RECIPES, 'package.json'), 'utf8')
  const { devDependencies } = JSON.parse(manifest) as { devDependencies: Record<string, string> }
  return Object.keys(devDependencies)
}

/** By TypeScript itself, as Nest demands: a decorator's types are there when the program runs. */
function compiled(code: string, type: 'module' | 'commonjs'): string {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: type === 'module' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  }
  return ts.transpileModule(code, { compilerOptions }).outputText
}

export async function isListening(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
