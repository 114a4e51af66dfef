const { stderr, stdout, env } = process

const isFancy = stderr.isTTY && env.TERM !== 'dumb'
const isColoured = isFancy && !env.NO_COLOR

/**
 * Data, for whoever reads on.
 *
 * @param {string} text
 */
export function print(text) {
  stdout.write(`${text}\n`)
}

/**
 * News, for people.
 *
 * @param {string} text
 */
export function tell(text) {
  stderr.write(`${text}\n`)
}

/** @param {string} text */
export function bold(text) {
  return isColoured ? `\u001B[1m${text}\u001B[22m` : text
}

const FRAMES = ['|', '/', '-', '\\']
const CLEAR_LINE = '\r\u001B[K'

/**
 * Shows people that something is under way.
 *
 * @template T
 * @param {string} text
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export async function withSpinner(text, task) {
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
