const { stderr, stdout, env } = process

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
