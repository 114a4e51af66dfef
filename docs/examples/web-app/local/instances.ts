import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Balancer } from './balancer.js'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface Instances {
  /** As a machine dies. Another one takes its place after the pause. */
  kill(pid: number): void
  /** As a deploy does: what is in flight is answered and saved. */
  stop(): Promise<void>
}

/** So many processes of the app, to which the balancer leads. Their logs are printed. */
export async function startInstances(
  count: number,
  environment: Record<string, string>,
  balancer: Balancer,
  pauseMs: number,
): Promise<Instances> {
  const running = new Map<ChildProcess, string>()
  const lead = () => void (balancer.targets = [...running.values()])

  process.once('exit', () => {
    for (const child of running.keys()) child.kill('SIGKILL')
  })

  async function start(): Promise<void> {
    const child = fork(MAIN, [], {
      env: { ...process.env, ...environment, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    const origin = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`The app has ended: ${code}`)))
      child.stdout!.on('data', (chunk: Buffer) => {
        const [, found] = /^Listening at (\S+)/m.exec(String(chunk)) ?? []
        if (found) resolve(found)
        else process.stdout.write(chunk)
      })
    })
    running.set(child, origin)
    lead()
  }

  await Promise.all(Array.from({ length: count }, start))
  return {
    kill(pid) {
      const child = [...running.keys()].find((each) => each.pid === pid)
      if (!child) return
      running.delete(child)
      lead()
      child.kill('SIGKILL')
      void delay(pauseMs, undefined, { ref: false }).then(start)
    },
    async stop() {
      const ended = [...running.keys()].map((child) => once(child, 'exit'))
      for (const child of running.keys()) child.kill('SIGTERM')
      await Promise.all(ended)
    },
  }
}
