import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What a worker is to do. */
export interface WorkerOrder {
  /** Of BACKENDS. */
  client: string
  port: number
  issuer: string
  /** The users, each with one session of that name. */
  sessions: readonly string[]
  /** How often each session is used, in milliseconds. */
  everyMs: number
}

export interface WorkerReport {
  calls: number
  /** Answers that named another user. */
  mixed: number
  slowestMs: number
  failures: { at: number; code: string; message: string; id: string }[]
  /** Sessions that ended. */
  lost: string[]
}

export interface WorkerMessage {
  isReady?: true
  refreshing?: string
  refreshed?: string
  report?: WorkerReport
}

export interface Worker {
  /** The sessions whose token request was begun, and whose answer was not saved yet. */
  readonly inFlight: ReadonlySet<string>
  /** When it next has a token request under way. */
  refreshing(): Promise<void>
  signal(signal: NodeJS.Signals): void
  stop(): Promise<WorkerReport>
}

/**
 * A process of its own; ready when this resolves.
 *
 * @param script - the fixture `fleet-worker`, bundled
 */
export async function startWorker(script: string, order: WorkerOrder): Promise<Worker> {
  const execArgv = ['--unhandled-rejections=strict']
  const child = fork(script, [JSON.stringify(order)], { execArgv })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))

  const inFlight = new Set<string>()
  let report: WorkerReport | undefined
  child.on('message', (message: WorkerMessage) => {
    if (message.refreshing !== undefined) inFlight.add(message.refreshing)
    if (message.refreshed !== undefined) inFlight.delete(message.refreshed)
    report = message.report ?? report
  })
  await messageOf(child, ({ isReady }) => isReady === true)
  return {
    inFlight,
    refreshing: () => messageOf(child, ({ refreshing }) => refreshing !== undefined),
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      const exited = once(child, 'exit')
      child.send('stop')
      const [code] = (await exited) as [number | null]
      if (code !== 0 || !report) throw new Error(`a worker ended with exit code ${code}`)
      return report
    },
  }
}

function messageOf(
  child: ChildProcess,
  isMeant: (message: WorkerMessage) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a worker ended'))
    const hear = (message: WorkerMessage) => {
      if (!isMeant(message)) return
      child.off('message', hear)
      child.off('exit', ended)
      resolve()
    }
    child.on('message', hear)
    child.once('exit', ended)
  })
}
