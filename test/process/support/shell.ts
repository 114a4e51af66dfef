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

/** What the program complains of is shown; what the shell says of its death (`Terminated`) is not. */
const COMMAND = 'exec 3>&2 2>/dev/null; "$0" "$1" 2>&3; echo "status $?"'

/** Runs a script with Node.js in a shell. */
export function runInShell(script: string, setting: object): ShellRun {
  const child = spawn('sh', ['-c', COMMAND, process.execPath, script], {
    env: { ...process.env, SETTING: JSON.stringify(setting) },
    stdio: ['ignore', 'pipe', 'inherit'],
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
