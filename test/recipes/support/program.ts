import { execFile, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { inject } from 'vitest'
import { freePort } from '../../support/free-port.js'
import { isListening } from '../../support/is-listening.js'

export const RECIPES = fileURLToPath(new URL('../../../docs/examples/recipes/', import.meta.url))
const SOURCES = join(RECIPES, 'src')
const POLL_MS = 20

/** One process of a recipe's program. */
export interface Instance {
  readonly origin: string
  readonly process: ChildProcess
  /** All that it has printed so far. */
  output(): string
  /** As a deploy does. @returns its exit code, or the signal that ended it */
  stop(): Promise<number | string>
}

/** One of the programs of `docs/examples/recipes/src`, in the format of its project. */
export interface RecipeProgram {
  readonly type: 'module' | 'commonjs'
  readonly file: string
  /** The folder of a package whose dependencies take the place of those of all recipes. */
  readonly beside?: 'nest-12'
}

/** What is run, with Node.js. */
export interface Program {
  readonly file: string
  readonly args?: (port: number) => string[]
  /** Where it is run, if that matters to it. */
  readonly folder?: string
}

/** A user's project: the packed package, the frameworks, and the programs as the pages print them. */
export function projectOf(
  recipe: string,
  { type, beside }: Pick<RecipeProgram, 'type' | 'beside'>,
): string {
  const folder = join(inject('full'), `recipe-${recipe}-${type}`)
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
  const homes = [RECIPES, ...(beside === undefined ? [] : [join(RECIPES, beside)])]
  const packages = new Map(homes.flatMap((home) => installedIn(home)))
  for (const [name, place] of packages) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(place, link)
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
  folder?: string,
): Promise<void> {
  const env = { ...process.env, NODE_OPTIONS: '', ...environment }
  await promisify(execFile)(process.execPath, [file, ...args], { env, cwd: folder })
}

/** Listens when this resolves. */
export async function startProgram(
  { file, args, folder }: Program,
  environment: Record<string, string>,
  port?: number,
): Promise<Instance> {
  const chosen = port ?? (await freePort())
  const child = fork(file, args?.(chosen) ?? [], {
    cwd: folder,
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
  return { origin: `http://127.0.0.1:${chosen}`, process: child, output: () => output, stop }
}

/** Each package that it names, and where it lies. */
function installedIn(home: string): [name: string, place: string][] {
  const manifest = readFileSync(join(home, 'package.json'), 'utf8')
  const { devDependencies } = JSON.parse(manifest) as { devDependencies: Record<string, string> }
  return Object.keys(devDependencies).map((name) => [name, join(home, 'node_modules', name)])
}

/** By TypeScript itself, as Nest demands: a decorator's types are there when the program runs. */
function compiled(code: string, type: RecipeProgram['type']): string {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: type === 'module' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  }
  return ts.transpileModule(code, { compilerOptions }).outputText
}
