import { createInterface } from 'node:readline/promises'

const { stdin, stderr, stdout, env } = process

const isFancy = stderr.isTTY && env.TERM !== 'dumb'
const isColoured = isFancy && !env.NO_COLOR

/** Data, for whoever reads on. */
export function print(text: string): void {
  stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** News, for people. */
export function tell(text: string): void {
  stderr.write(`${text}\n`)
}

export function bold(text: string): string {
  return isColoured ? `\u001B[1m${text}\u001B[22m` : text
}

/** Where nobody can be asked, the answer is no. */
export async function confirm(question: string): Promise<boolean> {
  if (!stdin.isTTY || !stderr.isTTY) return false
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    return /^y(es)?$/i.test(await terminal.question(`${question} [y/N] `))
  } finally {
    terminal.close()
  }
}

const FRAMES = ['|', '/', '-', '\\']
const CLEAR_LINE = '\r\u001B[K'

/** Shows people that something is under way. */
export async function withSpinner<T>(text: string, task: () => Promise<T>): Promise<T> {
  if (!isFancy) return task()
  let turns = 0
  const timer = setInterval(() => {
    stderr.write(`${CLEAR_LINE}${FRAMES[turns++ % FRAMES.length]} ${text} `)
  }, 100)
  try {
    return await task()
  } finally {
    clearInterval(timer)
    stderr.write(CLEAR_LINE)
  }
}
