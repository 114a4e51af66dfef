import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A program run by a shell, and what the shell sees of it. */
export interface ShellRun {
  /** What it prints, line by line, as far as it got. */
  readonly lines: readonly string[]
  /** When it has printed a line like this. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** `$?`, once the program has ended. */
  readonly status: Promise<number>
}

/** Runs a script with Node.js in a shell. */
export function runInShell(script: string, setting: object): ShellRun {
  const child = spawn('sh', ['-c', '"$0" "$1" 2>&1; echo "status $?"', process.execPath, script], {
    env: { ...process.env, SETTING: JSON.stringify(setting) },
    stdio: ['ignore', 'pipe', 'ignore'], // on stderr the shell tells of the death
  })
  const lines: string[] = []
  const onLine = createInterface(child.stdout)
  onLine.on('line', (line) => lines.push(line))
  const closed = once(onLine, 'close')

  async function printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null)
      if (found) return found
      const isOver = await Promise.race([once(onLine, 'line'), closed.then(() => 'over')])
      if (isOver === 'over') throw new Error(`It never printed ${pattern.source}: ${lines.join()}`)
    }
  }
  return { lines, printed, status: printed(/^status (\d+)$/).then(([, status]) => Number(status)) }
}
