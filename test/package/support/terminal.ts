import { execFile, execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const COLUMNS = 160
const LINES = 60
const PATIENCE_MS = 30_000

/** A real terminal with a shell in it, by tmux. */
export class Terminal {
  readonly #socket: string

  private constructor(socket: string) {
    this.#socket = socket
  }

  /** @param env - all that the shell knows, besides `TERM` */
  static async open(folder: string, env: Record<string, string>): Promise<Terminal> {
    const terminal = new Terminal(`tokenward-${process.pid}-${++opened}`)
    const size = ['-x', `${COLUMNS}`, '-y', `${LINES}`]
    const shell = 'exec bash --norc --noprofile -c \'PS1="$ " exec bash --norc --noprofile -i\''
    const session = ['-f', '/dev/null', 'new-session', '-d', ...size, '-c', folder, shell]
    await terminal.#tmux(session, { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', ...env })
    await terminal.until(/^\$ ?$/m)
    return terminal
  }

  /** Types a line, and Enter. */
  async enter(line: string): Promise<void> {
    await this.#tmux(['send-keys', '-l', line])
    await this.press('Enter')
  }

  /** Presses a key, such as `C-c`. */
  async press(key: string): Promise<void> {
    await this.#tmux(['send-keys', key])
  }

  /** What is to be seen, lines that the terminal has wrapped put together. */
  async screen(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-J'])
  }

  /** When this is to be seen. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const screen = await this.screen()
      const found = pattern.exec(screen)
      if (found) return found
      if (performance.now() > deadline) throw new Error(`${pattern} is not to be seen:\n${screen}`)
      await delay(20)
    }
  }

  /** Empties the screen. */
  async clear(): Promise<void> {
    await this.enter('clear')
    await this.until(/^\$ ?\n\n/)
  }

  async close(): Promise<void> {
    await this.#tmux(['kill-server']).catch(() => undefined)
  }

  async #tmux(command: string[], env?: NodeJS.ProcessEnv): Promise<string> {
    const options = env ? { env } : {}
    return (await run('tmux', ['-L', this.#socket, ...command], options)).stdout
  }
}

let opened = 0

/** Why there is no terminal; `undefined` if there is one, or must be. */
export const noTerminal: string | undefined = (() => {
  if (process.env.TOKENWARD_REQUIRE_ALL) return undefined
  try {
    execFileSync('tmux', ['-V'])
    return undefined
  } catch {
    return 'tmux is not installed (apt-get install tmux)'
  }
})()
