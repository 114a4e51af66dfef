import { unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TokenStoreError } from '../../errors.js'
import { codeOf, readPrivate, type FileText } from './private-file.js'
import { newWriteName, WRITE_NAME } from './process-name.js'
import { textHash } from './text-hash.js'
import {
  isRemoved,
  linkTemporary,
  renameOver,
  syncFolder,
  temporaryPath,
  writeTemporary,
} from './temporary-file.js'

/** What stands at a path, and the name of this state, which never comes again. */
export interface FileState {
  readonly file: FileText | undefined
  readonly key: string
}

export interface ReplaceOptions {
  /** Bring it to the disk before anyone sees it. */
  readonly isDurable: boolean
  /** Throws where what is there may not be replaced. */
  readonly check?: ((there: FileText | undefined) => void) | undefined
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
  throw new TokenStoreError(`${path} kept changing while it was read`, {
    operation: 'load',
  })
}

/**
 * Replaces a file whole, if it is still in the state that was read: compare and swap, by nothing
 * but files. The new text stands in a temporary file; a hard link to it, at a name made of the state
 * that it replaces, is the claim, which one process alone can make. Whoever finds a claim finishes
 * it, by renaming that one temporary file, which can be done once. So a writer that was killed or
 * stopped in the middle holds up nobody, and overwrites nothing when it goes on.
 *
 * @param textOf - the new text: JSON with the given name as its `write`, so that it is unique
 * @param key - of the state that is replaced
 * @returns the key of what is there now; `undefined` if another replaced it first: nothing is changed then
 * @internal
 */
export async function replaceFile(
  path: string,
  key: string,
  textOf: (write: string) => string | Promise<string>,
  { isDurable, check }: ReplaceOptions,
): Promise<string | undefined> {
  const write = newWriteName()
  const temporary = temporaryPath(path, write)
  const claim = claimPath(path, key)
  const text = await textOf(write)
  try {
    await writeTemporary(path, temporary, text, isDurable)
    if (!(await linkTemporary(temporary, claim))) {
      await isRemoved(temporary)
      return undefined
    }
  } catch (error) {
    await isRemoved(temporary)
    throw error
  }
  let there: FileText | undefined
  try {
    there = await readPrivate(path)
    check?.(there)
  } catch (error) {
    // What is reported as not saved must not be put in place later.
    if (await isRemoved(temporary)) await removeClaim(claim, text)
    throw error
  }
  if (keyOf(there) !== key) {
    // Finished by another, or too late. What is still there has not been put in place, nor will be.
    const isTooLate = await isRemoved(temporary)
    if (isTooLate) await removeClaim(claim, text)
    return isTooLate ? undefined : keyOfText(text)
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
  await Promise.all([isDurable && syncFolder(dirname(path)), removeClaim(claim, text)])
  return keyOfText(text)
}

/** @returns whether the claim is in force, but its folder cannot be written: then it is only read */
async function complete(
  path: string,
  claim: string,
  key: string,
  next: FileText,
): Promise<boolean> {
  try {
    await renameOver(temporaryPath(path, writeOf(next.text)), path)
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

/** @internal */
export function claimPath(path: string, key: string): string {
  return `${path}.${key}.next`
}

const NOTHING = '0'.repeat(16)

/** Each text is written once only, so that it names the state. @internal */
export function keyOf(file: FileText | undefined): string {
  return keyOfText(file?.text)
}

/** @internal */
export function keyOfText(text: string | undefined): string {
  return text === undefined ? NOTHING : textHash(text)
}

/** @internal */
export function writeOf(text: string): string {
  return new RegExp(`"write":"(${WRITE_NAME})"`).exec(text)?.[1] ?? 'unknown'
}

/** Only the one that was seen: the name may be another's by now. */
async function removeClaim(claim: string, text: string): Promise<void> {
  const there = await readPrivate(claim).catch(() => undefined)
  if (there?.text === text) await unlink(claim).catch(() => undefined)
}
