import { createHash } from 'node:crypto'
import { link, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TokenStoreError } from '../../errors.js'
import { codeOf, makeFolder, ownerFor, readPrivate, type FileText } from './private-file.js'
import { newWriteName, WRITE_NAME } from './process-name.js'

/** What stands at a path, and the name of this state, which never comes again. */
export interface FileState {
  readonly file: FileText | undefined
  readonly key: string
}

export interface ReplaceOptions {
  /** Bring it to the disk before anybody sees it. */
  readonly isDurable: boolean
}

/** Under constant change one gives up: each turn is one that another process has won. */
const MOST_TURNS = 1_000

/**
 * What a path holds, once what another process has claimed for it is in place: see `replaceFile`.
 *
 * @throws TokenStoreError if a file is another user's; what the file system throws
 * @internal
 */
export async function readSettled(path: string): Promise<FileState> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const file = await readPrivate(path)
    const key = keyOf(file)
    const claim = claimPath(path, key)
    const next = await readPrivate(claim)
    if (!next) return { file, key }
    // A claim that came late is over a state that is gone: it counts only over the one in place.
    if (keyOf(await readPrivate(path)) !== key) continue
    if (await complete(path, claim, key, next)) return { file: next, key: keyOf(next) }
  }
  throw new TokenStoreError(`${path} changed again and again while it was read`, {
    operation: 'load',
  })
}

/**
 * Replaces a file whole, if it is still in the state that was read: compare and swap, by nothing
 * but files. The new text stands in a temporary file; a hard link to it, at a name made of the state
 * that it replaces, is the claim, which one process alone can make. Whoever finds a claim finishes
 * it, by renaming that one temporary file, which can be done once: so a writer that was killed or
 * stopped in the middle holds up nobody, and overwrites nothing when it goes on.
 *
 * @param textOf - the new text: JSON with the given name as its `write`, so that it is unique
 * @returns `false` if another replaced it first: nothing is changed then
 * @internal
 */
export async function replaceFile(
  path: string,
  { key }: FileState,
  textOf: (write: string) => string | Promise<string>,
  { isDurable }: ReplaceOptions,
): Promise<boolean> {
  const write = newWriteName()
  const temporary = temporaryPath(path, write)
  const claim = claimPath(path, key)
  const text = await textOf(write)
  try {
    await writeTemporary(path, temporary, text, isDurable)
    if (!(await makeClaim(temporary, claim))) return await remove(temporary, false)
  } catch (error) {
    throw await remove(temporary, error)
  }
  if (keyOf(await readPrivate(path)) !== key) {
    // Finished by another, or too late. What is still there has not been put in place, nor will be.
    const isTooLate = await isRemoved(temporary)
    if (isTooLate) await removeClaim(claim, text)
    return !isTooLate
  }
  try {
    await renameOver(temporary, path)
  } catch (error) {
    const isUndone = codeOf(error) !== 'ENOENT' && (await isRemoved(temporary))
    if (isUndone) {
      await removeClaim(claim, text)
      throw error
    }
  }
  if (isDurable) await syncFolder(dirname(path))
  await removeClaim(claim, text)
  return true
}

/** @returns whether the claim is in force, but its folder cannot be written: then it is only read */
async function complete(
  path: string,
  claim: string,
  key: string,
  next: FileText,
): Promise<boolean> {
  try {
    await renameOver(temporaryPath(path, writeOf(next)), path)
    return false
  } catch (error) {
    if (UNWRITABLE.has(codeOf(error) ?? '')) return true
    if (codeOf(error) !== 'ENOENT') throw error
  }
  // Finished before, and the file was set back or removed since.
  if (keyOf(await readPrivate(path)) === key) await removeClaim(claim, next.text)
  return false
}

const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS'])

function temporaryPath(path: string, write: string): string {
  return `${path}.${write}.tmp`
}

function claimPath(path: string, key: string): string {
  return `${path}.${key}.next`
}

const NOTHING = '0'.repeat(20)

/** Each text is written once only, so that it names the state. @internal */
export function keyOf(file: FileText | undefined): string {
  return file ? createHash('sha256').update(file.text).digest('hex').slice(0, 20) : NOTHING
}

function writeOf({ text }: FileText): string {
  return new RegExp(`"write":"(${WRITE_NAME})"`).exec(text)?.[1] ?? 'unknown'
}

async function writeTemporary(
  path: string,
  temporary: string,
  text: string,
  isDurable: boolean,
): Promise<void> {
  const create = () => open(temporary, 'wx', 0o600)
  const file = await create().catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeFolder(path)
    return create()
  })
  try {
    await file.writeFile(text) // all of it, or it throws; one `write` may stop at a full disk
    const owner = await ownerFor(path)
    if (owner) await file.chown(owner.uid, owner.gid)
    if (isDurable) await file.sync()
  } finally {
    await file.close()
  }
}

async function makeClaim(temporary: string, claim: string): Promise<boolean> {
  try {
    await link(temporary, claim)
    return true
  } catch (error) {
    // A network file system may say so of a link that it has made: its answer was lost.
    if (await isLinked(temporary)) return true
    const code = codeOf(error)
    if (code === 'EEXIST' || code === 'ENOENT') return false
    if (NO_LINKS.has(code ?? '')) throw withoutLinks(claim, error)
    throw error
  }
}

const NO_LINKS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EPERM', 'EXDEV', 'EISDIR'])

async function isLinked(temporary: string): Promise<boolean> {
  const stats = await stat(temporary).catch(() => undefined)
  return stats !== undefined && stats.nlink > 1
}

function withoutLinks(claim: string, cause: unknown): TokenStoreError {
  return new TokenStoreError(
    `The file system of ${dirname(claim)} has no hard links, without which several processes cannot share a session safely. Keep it in a folder of a local disk`,
    { operation: 'save', reason: 'unwritable', cause },
  )
}

const MOST_BUSY = 5

/** On Windows a file that a virus scanner looks at cannot be replaced for a moment. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to)
    } catch (error) {
      const isBusy = process.platform === 'win32' && codeOf(error) !== 'ENOENT'
      if (!isBusy || attempt === MOST_BUSY) throw error
      await new Promise((resolve) => setTimeout(resolve, 10 * attempt))
    }
  }
}

/** @returns whether it was there: who removes it knows that nobody can put it in place any more */
async function isRemoved(temporary: string): Promise<boolean> {
  try {
    await unlink(temporary)
    return true
  } catch {
    return false
  }
}

async function remove<T>(temporary: string, result: T): Promise<T> {
  await unlink(temporary).catch(() => undefined)
  return result
}

/** Only the one that was seen: the name may be another's by now. */
async function removeClaim(claim: string, text: string): Promise<void> {
  const there = await readPrivate(claim).catch(() => undefined)
  if (there?.text === text) await unlink(claim).catch(() => undefined)
}

/** The rename too must survive a power cut: the refresh token before it is spent. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
