/** Begins the line of the response: preloaded modules (NODE_OPTIONS) print what they like. */
export const ANSWER_MARK = 'tokenward:'

/**
 * What the child process runs. Its main thread keeps watch, since in the worker the library may
 * block forever: the child ends itself when its time is over, or its parent is gone. A signal for
 * the whole terminal (Ctrl-C) is for the parent to handle.
 *
 * Text, and not a function's: bundlers and coverage write into functions what is not there then.
 *
 * @internal
 */
export function keyringProgram(): string {
  return MAIN.replace('WORKER', () => JSON.stringify(WORKER))
}

const MAIN = `
const { Worker } = require('node:worker_threads')
const end = () => process.kill(process.pid, 'SIGKILL')
process.on('SIGINT', () => {}).on('SIGTERM', () => {}).on('SIGHUP', () => {})
let text = ''
process.stdin.setEncoding('utf8').on('end', end).on('error', end).on('data', (part) => {
  text += part
  if (!text.endsWith('\\n')) return
  const request = JSON.parse(text)
  const tell = (answer) => process.stdout.write('\\n${ANSWER_MARK}' + JSON.stringify(answer) + '\\n')
  setTimeout(end, request.timeoutMs)
  new Worker(WORKER, { eval: true, workerData: request })
    .on('message', tell)
    .on('error', ({ message }) => tell({ error: message }))
})
`

/**
 * \`get\`: a key that is not found may be one in a locked keyring: only one that can be written to is
 * open. \`obtain\`: the key that is there, else the candidate. What is not read back is not kept, and
 * what can be read after \`remove\` is.
 */
const WORKER = `
const { parentPort, workerData: { modulePath, service, account, act, candidate } } = require('node:worker_threads')
const { Entry } = require(modulePath)
const entryOf = (name) => new Entry(service, name, { linux: { store: 'secret-service' } })
let stage = 'open'
try {
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
  parentPort.postMessage({ key: key || undefined })
} catch (error) {
  parentPort.postMessage({ stage, error: String(error && error.message) })
}
`
