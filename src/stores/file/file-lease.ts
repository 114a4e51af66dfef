import { readFileSync } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { delay, every, monotonicNow } from '../../clock.js'
import { TokenStoreError } from '../../errors.js'
import type { Lease } from '../token-store.js'
import { codeOf } from './private-file.js'
import { stateOfWriter } from './process-name.js'
import { readSettled, replaceFile, type FileState } from './replace-file.js'

/** A lease that is held. */
export interface FileLease extends Lease {
  release(): Promise<void>
}

/** How a lease is waited for. */
export interface LeaseFileWait {
  readonly signal?: AbortSignal | undefined
  /** Asked while another has the lease: whether it need not be waited for any more. */
  readonly isEnough?: (() => Promise<boolean>) | undefined
}

const BEAT_MS = 1_000
/** What a holder may be silent, where nobody can tell whether it lives. */
const SILENCE_MS = 5_000
/** One that lives, and is silent: it is stopped, or busy, or a thread of it was ended. */
const ALIVE_SILENCE_MS = 30_000
const SHORTEST_PAUSE_MS = 2
const LONGEST_PAUSE_MS = 20
/** A pause is as long as this share of what was waited: a quick refresh is noticed quickly. */
const PAUSES_SHARE = 0.1
/** How often a lease file that seems unchanged is looked into. */
const LOOK_MS = 200

/**
 * The right to spend the refresh token, in a file that says whose it is. Its holder touches it every
 * second. It is taken from a holder that is dead, at once on the same machine, or silent.
 *
 * @returns `undefined` if `isEnough`
 * @throws TokenStoreError `locked` once the signal is aborted; what the file system throws
 * @internal
 */
export async function acquireLease(
  path: string,
  { signal, isEnough }: LeaseFileWait,
): Promise<FileLease | undefined> {
  const holder = new HolderWatch()
  let seen: string | undefined
  let lookedAt = -Infinity
  const since = monotonicNow()
  for (;;) {
    if (signal?.aborted) throw locked(path)
    const at = await stampOf(path)
    if (at !== seen || monotonicNow() - lookedAt >= LOOK_MS) {
      const state = await readSettled(path)
      if (!isHeld(state) || holder.isGone(state)) {
        const lease = await take(path, state)
        if (lease) return lease
      }
      seen = at
      lookedAt = monotonicNow()
    }
    if (await isEnough?.()) return undefined
    const pauseMs = Math.max(PAUSES_SHARE * (monotonicNow() - since), SHORTEST_PAUSE_MS)
    await delay(Math.min(pauseMs, LONGEST_PAUSE_MS) * (0.5 + Math.random()))
  }
}

/** Judges by what it sees itself: clocks of other machines differ, and this one may have slept. */
class HolderWatch {
  #stamp = ''
  #silentMs = 0
  #lastLook = -Infinity

  isGone({ file, key }: FileState): boolean {
    const writer = WRITER.exec(file!.text)?.[1] ?? ''
    const state = stateOfWriter(writer)
    if (state === 'gone') return true
    const stamp = `${key} ${file!.mtimeMs}`
    const look = monotonicNow()
    // What passed while this process was stopped itself, or the machine slept, was not watched.
    const watchedMs = Math.min(look - this.#lastLook, 2 * LOOK_MS)
    this.#silentMs = stamp === this.#stamp ? this.#silentMs + watchedMs : 0
    this.#stamp = stamp
    this.#lastLook = look
    return this.#silentMs > (state === 'alive' ? ALIVE_SILENCE_MS : SILENCE_MS)
  }
}

const WRITER = /"write":"([\w-]+)"/
const HELD = '{"tokenward":"lease","held":1,'
/** Where the digit stands that says whether the lease is held. */
const DIGIT_AT = HELD.indexOf('1')

/** What is no lease file of ours holds nobody up: another's is never read. */
function isHeld({ file }: FileState): boolean {
  return file?.text.startsWith(HELD) ?? false
}

async function take(path: string, { key }: FileState): Promise<FileLease | undefined> {
  let text = ''
  const isOurs = await replaceFile(path, key, (write) => (text = textOf(write)), {
    isDurable: false,
  })
  return isOurs === undefined ? undefined : hold(path, text)
}

function textOf(write: string): string {
  return `${HELD}"write":"${write}"}\n`
}

async function hold(path: string, text: string): Promise<FileLease | undefined> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!file) return undefined
  // It may have been taken from us before we came to open it.
  const { bytesRead, buffer } = await file.read(Buffer.alloc(text.length + 1))
  if (buffer.toString('utf8', 0, bytesRead) !== text) {
    await file.close()
    return undefined
  }
  let isReleased = false
  const stop = every(BEAT_MS, () => void beat(file))
  return {
    isHeld: () => !isReleased && isStill(path, text),
    release: async () => {
      isReleased = true
      stop()
      // In our own file, whatever is at the path by now. It takes no room on the disk.
      await file.write('0', DIGIT_AT).catch(() => undefined)
      await file.close()
    },
  }
}

async function beat(file: FileHandle): Promise<void> {
  const now = new Date()
  await file.utimes(now, now).catch(() => undefined)
}

function isStill(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text
  } catch {
    return false
  }
}

/** Changes with each lease. */
async function stampOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  return stats && `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs}`
}

function locked(path: string): TokenStoreError {
  return new TokenStoreError(
    `Another process holds the lease ${path} and did not release it in time. Try again. If no other process of this program is running, remove that file`,
    { operation: 'exclusive', reason: 'locked' },
  )
}
