import { link, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TokenStoreError } from '../../errors.js'
import { codeOf, makeFolder, ownerFor } from './private-file.js'

/** @internal */
export function temporaryPath(path: string, write: string): string {
  return `${path}.${write}.tmp`
}

/**
 * Writes a new file beside the one at `path`, whose owner it gets. Folders that are missing are made.
 *
 * @throws what the file system throws
 * @internal
 */
export async function writeTemporary(
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

/**
 * Gives the temporary file a second name, which one process alone can do.
 *
 * @returns `false` if the name is taken, or the temporary file is gone
 * @throws TokenStoreError if there are no hard links here; what the file system throws
 * @internal
 */
export async function linkTemporary(temporary: string, name: string): Promise<boolean> {
  try {
    await link(temporary, name)
    return true
  } catch (error) {
    // A network file system may say so of a link that it has made: its response was lost.
    if (await isLinked(temporary)) return true
    const code = codeOf(error)
    if (code === 'EEXIST' || code === 'ENOENT') return false
    if (NO_LINKS.has(code ?? '')) throw withoutLinks(name, error)
    throw error
  }
}

const NO_LINKS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EPERM', 'EXDEV', 'EISDIR'])

async function isLinked(temporary: string): Promise<boolean> {
  const stats = await stat(temporary).catch(() => undefined)
  return stats !== undefined && stats.nlink > 1
}

function withoutLinks(name: string, cause: unknown): TokenStoreError {
  return new TokenStoreError(
    `The file system of ${dirname(name)} has no hard links, without which several processes cannot share a session safely. Keep it in a folder of a local disk`,
    { operation: 'save', reason: 'unwritable', cause },
  )
}

const MOST_BUSY = 5

/** On Windows a file that a virus scanner looks at cannot be replaced for a moment. @internal */
export async function renameOver(from: string, to: string): Promise<void> {
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

/**
 * @returns whether it was there: who removes it knows that nobody can put it in place any more
 * @internal
 */
export async function isRemoved(temporary: string): Promise<boolean> {
  try {
    await unlink(temporary)
    return true
  } catch {
    return false
  }
}

/** The rename too must survive a power cut: the refresh token before it is spent. @internal */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
