/** Begins the line of the response: preloaded modules (NODE_OPTIONS) print what they like. */
export const ANSWER_MARK = 'tokenward:'

/**
 * What the child process runs. The library may block its thread forever, so a worker keeps watch:
 * it ends the child when its time is over, or its parent is gone. It starts while the library is
 * loaded, so that nobody waits for it. A signal for the whole terminal (Ctrl-C) is for the parent
 * to act on.
 *
 * Text, and not a function's: bundlers and coverage write into functions what is not there then.
 *
 * `get`: a key that is not found may be one in a locked keyring: only one that can be written to is
 * open. `obtain`: the key that is there, else the candidate. What is not read back is not kept, and
 * what can be read after `remove` is.
 *
 * @internal
 */
export function keyringProgram(): string {
  return MAIN.replace('WATCH', () => JSON.stringify(WATCH))
}

const MAIN = `
const { Worker } = require('node:worker_threads')
process.on('SIGINT', () => {}).on('SIGTERM', () => {}).on('SIGHUP', () => {})
const end = () => process.kill(process.pid, 'SIGKILL')
let text = ''
process.stdin.setEncoding('utf8').on('end', end).on('error', end).on('data', (part) => {
  text += part
  if (!text.endsWith('\\n')) return
  const { timeoutMs, parent, ...request } = JSON.parse(text)
  new Worker(WATCH, { eval: true, workerData: { timeoutMs, parent } })
  process.stdout.write('\\n${ANSWER_MARK}' + JSON.stringify(answerTo(request)) + '\\n')
})

function answerTo({ modulePath, service, account, act, candidate }) {
  let stage = 'open'
  try {
    const { Entry } = require(modulePath)
    const entryOf = (name) => new Entry(service, name, { linux: { store: 'secret-service' } })
    const entry = entryOf(account)
    stage = 'get'
    let key = entry.getPassword()
    if (key && act === 'remove') {
      stage = 'remove'
      entry.deletePassword()
      key = ''
    }
    if (!key && act !== 'obtain') {
      stage = 'probe'
      const probe = entryOf(account + ' (is the keyring open?)')
      probe.setPassword('probe')
      probe.deletePassword()
    }
    if (!key && act === 'obtain') {
      stage = 'set'
      entry.setPassword(candidate)
    }
    key = key || entry.getPassword()
    return { key: key || undefined }
  } catch (error) {
    return { stage, error: String(error && error.message) }
  }
}
`

/** Where the system keeps the parent's ID after its end (Windows), the time alone ends the child. */
const WATCH = `
const { timeoutMs, parent } = require('node:worker_threads').workerData
const end = () => process.kill(process.pid, 'SIGKILL')
setTimeout(end, timeoutMs)
setInterval(() => { if (process.ppid !== parent) end() }, 100)
`
