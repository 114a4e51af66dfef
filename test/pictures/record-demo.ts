import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Line } from './terminal.js'

/** Runs `npm run demo`, as anyone would. */
export async function recordDemo(): Promise<Line[]> {
  const child = spawn('npm', ['run', '--silent', 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const lines: Line[] = []
  for await (const text of createInterface({ input: child.stdout })) {
    lines.push({ atMs: Math.round(performance.now()), text })
  }
  if ((await exit) !== 0) throw new Error('The demo failed: nothing is recorded')
  return lines
}
