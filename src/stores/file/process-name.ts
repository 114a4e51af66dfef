import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { textHash } from './text-hash.js'

/**
 * A name for one write of this process, which tells others on the same machine whether its writer
 * still lives: process ID, start time, machine, and what makes it unique.
 *
 * @internal
 */
export function newWriteName(): string {
  prefix ??= [process.pid.toString(36), startOf('self') ?? '0', machineName()].join('-')
  return `${prefix}-${randomHex(8)}`
}

/** What a write name looks like, as the source of a regular expression. @internal */
export const WRITE_NAME = '[0-9a-z]+-[0-9a-z]+-[0-9a-f]{10}-[0-9a-f]{16}'

const PARTS = new RegExp(`^${WRITE_NAME}$`)

/**
 * - `gone`: it certainly does not run any more
 * - `alive`: it certainly does
 * - `unknown`: it is on another machine, or in another container, or nobody can tell here
 *
 * @internal
 */
export function stateOfWriter(writeName: string): 'gone' | 'alive' | 'unknown' {
  if (!PARTS.test(writeName)) return 'unknown'
  const [pid, start, machine] = writeName.split('-') as [string, string, string]
  if (machine !== machineName()) return 'unknown'
  const id = Number.parseInt(pid, 36)
  if (!exists(id)) return 'gone'
  const startNow = startOf(id)
  if (startNow === undefined || start === '0') return 'unknown'
  return startNow === start ? 'alive' : 'gone'
}

let prefix: string | undefined
let machine: string | undefined

/**
 * A process ID means something only on one machine since its last start and, on Linux, in one PID
 * namespace: containers that share a folder have other ones.
 */
function machineName(): string {
  machine ??= textHash(machineIdentity()).slice(0, 10)
  return machine
}

function machineIdentity(): string {
  if (process.platform !== 'linux') return `${process.platform} ${hostname()}`
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return randomHex(16) // nobody can be told apart here: all are `unknown`
  }
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex')
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code !== 'ESRCH'
  }
}

const DEAD = new Set(['Z', 'X', 'x'])

/** In ticks since the machine was started. A process that is dead and not yet collected: `dead`. */
function startOf(pid: number | 'self'): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return DEAD.has(fields[0]!) ? 'dead' : Number(fields[19]).toString(36)
  } catch {
    return undefined
  }
}
