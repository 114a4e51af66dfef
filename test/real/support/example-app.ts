import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const MAIN = path('../../../docs/examples/web-app/src/main.ts')
const PRELOADED = path('../fixtures/name-token-requests.ts')
const TSCONFIG = path('../../tsconfig.json')

/** One instance of the example app, a process of its own. */
export interface ExampleApp {
  /** Where it listens itself. */
  readonly origin: string
  /** What its token requests say in `x-process`. */
  readonly pid: string
  kill(): Promise<void>
  /** As a deploy does. @returns its exit code */
  stop(): Promise<number | null>
}

/** Listens when this resolves. */
export async function startExampleApp(environment: Record<string, string>): Promise<ExampleApp> {
  const child = fork(MAIN, [], {
    execArgv: ['--unhandled-rejections=strict', '--import', 'tsx', '--import', PRELOADED],
    env: { ...process.env, TSX_TSCONFIG_PATH: TSCONFIG, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const exited = once(child, 'exit').then(([code]) => {
    process.off('exit', killAtExit)
    return code as number | null
  })

  let output = ''
  const origin = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += String(chunk)
      const [, found] = /Listening at (\S+)/.exec(output) ?? []
      if (found) resolve(found)
    }
    child.stdout!.on('data', hear)
    child.stderr!.on('data', hear)
    void exited.then((code) => reject(new Error(`the app ended (${code}):\n${output}`)))
  })

  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exited
  }
  return {
    origin,
    pid: String(child.pid),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}
