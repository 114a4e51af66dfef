import { closeSync, constants, fstatSync, open, read, type Stats } from 'node:fs'
import { chown, lstat, mkdir, readlink, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { TokenStoreError } from '../../errors.js'
import { isOwnGroup } from './own-group.js'

/** What a file holds, and when it was last touched. */
export interface FileText {
  readonly text: string
  readonly mode: number
  readonly mtimeMs: number
}

const isPosix = process.platform !== 'win32'
/** A link, a pipe or a terminal at one of our names was put there by someone else. */
const READ = isPosix
  ? constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  : constants.O_RDONLY

/** Without `promisify`: to load `node:util` takes longer than to read a session. */
function openFile(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, READ, (error, file) => {
      if (error) reject(error)
      else resolve(file)
    })
  })
}

/**
 * Reads a file that must be ours: a regular file, of this user, and no link. What can wait for the
 * disk is asynchronous; what cannot is not, since each turn through another thread costs more.
 *
 * @returns `undefined` if there is none
 * @throws TokenStoreError if it is another's; what the file system throws
 * @internal
 */
export async function readPrivate(path: string): Promise<FileText | undefined> {
  const file = await openFile(path).catch((error: unknown) => {
    const code = codeOf(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EMLINK') throw notOurs(path, 'is a symbolic link')
    throw error
  })
  if (file === undefined) return undefined
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw stats.isDirectory() ? isFolder(path) : notOurs(path, 'is not a file')
    assertOwner(path, stats)
    const text = await textIn(file, stats.size)
    return { text, mode: stats.mode, mtimeMs: stats.mtimeMs }
  } finally {
    closeSync(file)
  }
}

/** Until its end: someone may have written to it by hand since its size was asked for. */
async function textIn(file: number, size: number): Promise<string> {
  const parts: Buffer[] = []
  for (let length = 0, space = size + 1; ; space *= 2) {
    const part = await readUpTo(space, file)
    parts.push(part)
    length += part.length
    // Less than there is room for may also come from a network.
    const isEnd = part.length === 0 || (part.length < space && length >= size)
    if (isEnd) return Buffer.concat(parts).toString('utf8')
  }
}

function readUpTo(space: number, file: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    read(file, Buffer.alloc(space), 0, space, null, (error, bytesRead, buffer) => {
      if (error) reject(error)
      else resolve(buffer.subarray(0, bytesRead))
    })
  })
}

const MOST_LINKS = 40

/**
 * The file to which a path leads, by symbolic links of this user, whether it is there or not: two
 * names of one file share its lock.
 *
 * @throws TokenStoreError if a link is another's, or they lead in a circle
 * @internal
 */
export async function followLinks(path: string): Promise<string> {
  let at = path
  for (let links = 0; links < MOST_LINKS; links++) {
    const stats = await lstat(at).catch(() => undefined)
    if (!stats?.isSymbolicLink()) return at
    assertOwner(at, stats)
    at = resolve(dirname(at), await readlink(at))
  }
  throw notOurs(path, 'is a symbolic link that leads to itself')
}

/**
 * The folder in which a session lies must not be another's to write.
 *
 * @throws TokenStoreError if others can replace what is in it
 * @internal
 */
export async function assertPrivateFolder(path: string): Promise<void> {
  if (!isPosix) return
  const folder = dirname(path)
  const stats = await stat(folder).catch(() => undefined)
  if (!stats) return
  const { mode, uid, gid } = stats
  if (!trustedUsers().includes(uid) && uid !== 0) throw othersFolder(folder, `user ${uid} owns it`)
  if ((mode & STICKY) !== 0) return
  const isGroupsOnly = (mode & 0o002) === 0 && ((mode & 0o020) === 0 || isOwnGroup(gid, uid))
  if (!isGroupsOnly) throw othersFolder(folder, `its mode is ${(mode & 0o777).toString(8)}`)
}

/** As /tmp has it: others may add files, and neither remove nor rename ours. */
const STICKY = 0o1000

/**
 * Makes the folder of a file, for its owner alone. Under `sudo` it stays the user's.
 *
 * @internal
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = dirname(path)
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined || process.geteuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(first))
  if (!trustedUsers().includes(uid) || uid === 0) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await chown(made, uid, gid)
  }
}

/** Whose a new file is: that of what it replaces or, where there is nothing, of its folder. @internal */
export async function ownerFor(path: string): Promise<{ uid: number; gid: number } | undefined> {
  if (process.geteuid?.() !== 0) return undefined
  const before = await lstat(path).catch(() => stat(dirname(path)).catch(() => undefined))
  const isKnown = before && trustedUsers().includes(before.uid)
  return isKnown ? { uid: before.uid, gid: before.gid } : undefined
}

/** @throws TokenStoreError if the file is another user's @internal */
function assertOwner(path: string, { uid }: Stats): void {
  if (!isPosix || trustedUsers().includes(uid)) return
  throw notOurs(path, `belongs to the user with the ID ${uid}`)
}

/** This user and, as root by `sudo`, the one who called it. */
function trustedUsers(): number[] {
  const user = process.geteuid?.() ?? 0
  const caller = process.env.SUDO_UID
  const isCalled = user === 0 && caller !== undefined && /^\d{1,10}$/.test(caller)
  return isCalled ? [user, Number(caller)] : [user]
}

/** @internal */
export function notOurs(path: string, why: string): TokenStoreError {
  const user = process.geteuid?.()
  return new TokenStoreError(
    `${path} ${why}, so it is not used: this program runs as the user with the ID ${user}. Look at it, then remove it, or make it yours (sudo chown ${user} ${quoted(path)})`,
    { operation: 'load', isTransient: false },
  )
}

function othersFolder(folder: string, why: string): TokenStoreError {
  return new TokenStoreError(
    `Other users can change what is in ${folder} (${why}), so no tokens are kept there. Use another folder, or remove their permission: chmod go-w ${quoted(folder)}`,
    { operation: 'load', isTransient: false },
  )
}

function isFolder(path: string): Error {
  return Object.assign(new Error(`EISDIR: ${path} is a folder`), { code: 'EISDIR' })
}

/** @internal */
export function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}

/** @internal */
export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}
