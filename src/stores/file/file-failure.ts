import { lstatSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { isTokenError, TokenStoreError } from '../../errors.js'
import { codeOf, notOurs, quoted } from './private-file.js'

type Operation = TokenStoreError['operation']

/**
 * Does something with the session's file. What the file system throws is told in words for whoever
 * runs the program: which file, why, and what to type.
 *
 * @throws TokenStoreError
 * @internal
 */
export async function tellingFailure<T>(
  operation: Operation,
  path: string,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    throw isTokenError(cause) ? cause : fileFailure(operation, path, cause)
  }
}

// prettier-ignore
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG', 'EISDIR', 'ENOTDIR'])
/** What passes by itself: a file that is in use, a network folder that is gone for a moment. */
// prettier-ignore
const PASSING = new Set(['EAGAIN', 'EBUSY', 'EINTR', 'EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE', 'ETIMEDOUT', 'EHOSTDOWN'])
const DEED = { load: 'read', save: 'written', exclusive: 'locked' }

function fileFailure(operation: Operation, path: string, cause: unknown): TokenStoreError {
  const code = codeOf(cause) ?? 'see the cause'
  const isDenied = code === 'EACCES' || code === 'EPERM'
  const foreign = isDenied ? foreignFile(path) : undefined
  if (foreign) return foreign
  const remedy = isDenied ? deniedRemedy(path) : remedyFor(code, path)
  const isUnwritable = operation !== 'load' && UNWRITABLE.has(code)
  return new TokenStoreError(`${path} cannot be ${DEED[operation]} (${code})${remedy}`, {
    operation,
    reason: isUnwritable ? 'unwritable' : 'failed',
    isTransient: PASSING.has(code),
    cause,
  })
}

function remedyFor(code: string, path: string): string {
  const folder = dirname(path)
  switch (code) {
    case 'EROFS':
      return `: the file system of ${folder} is read-only. Make it writable, and try again`
    case 'ENOSPC':
      return `: the disk of ${folder} is full. Make room on it, and try again`
    case 'EDQUOT':
      return `: your quota on the disk of ${folder} is used up. Make room on it, and try again`
    case 'EISDIR':
      return `: a folder is in its place. Move it away, and try again`
    case 'ENOTDIR': {
      const [blocker] = above(path).filter(({ stats }) => !stats.isDirectory())
      return blocker
        ? `: ${blocker.path} is a file, and must be a folder. Move it away, and try again`
        : ''
    }
    default:
      return PASSING.has(code) ? '. Try again' : ''
  }
}

/** After `sudo`, what the program wrote may be root's: the file, its lock. */
function foreignFile(path: string): TokenStoreError | undefined {
  const user = process.geteuid?.()
  for (const file of [path, `${path}.lock`]) {
    const stats = lstat(file)
    if (stats && user !== undefined && stats.uid !== user) {
      return notOurs(file, `belongs to the user with the ID ${stats.uid}`)
    }
  }
  return undefined
}

function deniedRemedy(path: string): string {
  const user = process.geteuid?.()
  const found = lstat(path)
  if (found && (found.mode & 0o400) === 0)
    return `: its mode is wrong. Type: chmod 600 ${quoted(path)}`
  const [folder] = above(path)
  if (!folder || user === undefined) return ''
  const { uid } = folder.stats
  const typed =
    uid === user
      ? `chmod u+rwx ${quoted(folder.path)}`
      : `sudo chown -R ${user} ${quoted(folder.path)}`
  return `: the user with the ID ${user} may not write in ${folder.path}, which belongs to the user with the ID ${uid}. Type: ${typed}`
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

/** What is there above a path, the nearest first. */
function above(path: string): { path: string; stats: Stats }[] {
  const folder = dirname(path)
  if (folder === path) return []
  try {
    return [{ path: folder, stats: statSync(folder) }, ...above(folder)]
  } catch {
    return above(folder)
  }
}
