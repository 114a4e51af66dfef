import {
  closeSync,
  constants,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { readSession } from '../stored-session.js'
import type { StoredSession } from '../token-store.js'
import { codeOf } from './private-file.js'
import { newWriteName } from './process-name.js'
import { claimPath, keyOfText, writeOf } from './replace-file.js'
import { contentOf, textOf, type SessionFile } from './session-file.js'
import { temporaryPath } from './temporary-file.js'

/** Another's claim, our own, and then what we came for. */
const MOST_TURNS = 4

/**
 * Saves as `saveSessionFile` does, within one call, for a process that is ending: whatever of that
 * save has been done already. Ownership has been checked by then. Gives up where anything is not as
 * expected; nothing newer is overwritten.
 *
 * @internal
 */
export function saveNow(
  { path, format }: SessionFile,
  session: StoredSession,
  ifVersion: number | undefined,
): void {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const before = read(path)
    const claim = claimPath(path, keyOfText(before))
    const claimed = read(claim)
    if (claimed !== undefined) {
      renameSync(temporaryPath(path, writeOf(claimed)), path)
      continue
    }
    const content = before === undefined ? undefined : contentOf(before).content
    const found = content && readSession(format.sync?.decode(content)).session
    if (found?.version !== ifVersion || (before !== undefined && !found)) return
    const next = format.sync?.encode(session, content)
    if (!next) return
    const write = newWriteName()
    const temporary = temporaryPath(path, write)
    writeWhole(temporary, textOf(write, next), path)
    if (!isLinked(temporary, claim)) {
      unlinkSync(temporary)
      continue // a thread of this process was faster: it is finished in the next turn
    }
    if (read(path) === before) renameSync(temporary, path)
    else unlinkSync(temporary)
    unlinkSync(claim)
    return
  }
}

function read(path: string): string | undefined {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function isLinked(temporary: string, claim: string): boolean {
  try {
    linkSync(temporary, claim)
    return true
  } catch {
    return false
  }
}

function writeWhole(temporary: string, text: string, path: string): void {
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeFileSync(file, text)
    if (process.geteuid?.() === 0) {
      const { uid, gid } = statSync(path) // under sudo it stays the user's
      fchownSync(file, uid, gid)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
