import { constants } from 'node:fs'
import { chmod, copyFile, open, type FileHandle } from 'node:fs/promises'
import { now } from '../../clock.js'
import { TokenStoreError } from '../../errors.js'
import { readSession, type Found } from '../stored-session.js'
import type { StoredSession } from '../token-store.js'
import { writeWhole } from './write-whole.js'

/** How a session stands in its file. */
export interface SessionFormat {
  /** The field of the file's JSON that holds it. */
  readonly field: string
  encode(session: StoredSession): unknown
  /** @throws TokenStoreError `undecryptable` */
  decode(value: unknown): unknown
}

/** In clear. @internal */
export const PLAIN: SessionFormat = {
  field: 'session',
  encode: (session) => session,
  decode: (value) => value,
}

/** The one session of one file. Knows nothing of locks. */
export interface SessionFile {
  readonly path: string
  readonly format: SessionFormat
  /** Take a file that others can read. */
  readonly allowOthers: boolean
}

const FORMAT_VERSION = 1

/**
 * What the file holds; damage is told, not thrown.
 *
 * @throws TokenStoreError if it cannot be read, or others can read it; what the file system throws
 * @internal
 */
export async function readSessionFile(file: SessionFile): Promise<Found> {
  const text = await readText(file)
  if (text === undefined) return { session: undefined, version: undefined }
  try {
    const found = readSession(await file.format.decode(contentOf(text, file.format.field)))
    return found.session ? found : damaged(file, found.damage)
  } catch (error) {
    if (error instanceof NoContent) return damaged(file, error)
    throw error
  }
}

/** Only under the lock. */
export async function writeSessionFile(file: SessionFile, session: StoredSession): Promise<void> {
  const content = await file.format.encode(session)
  const envelope = { tokenward: FORMAT_VERSION, [file.format.field]: content }
  await writeWhole(file.path, `${JSON.stringify(envelope)}\n`)
}

/**
 * Copied rather than moved: until its successor is written, the damage stays what is there.
 *
 * @internal
 */
export async function keepAside({ path }: SessionFile): Promise<void> {
  const instant = new Date(now()).toISOString().replace(/[^\dTZ]/g, '-')
  const aside = `${path}.damaged-${instant}-${crypto.randomUUID().slice(0, 8)}`
  await copyFile(path, aside, constants.COPYFILE_EXCL)
  await chmod(aside, 0o600)
}

async function readText({ path, allowOthers }: SessionFile): Promise<string | undefined> {
  const handle = await openIfThere(path)
  if (!handle) return undefined
  try {
    if (!allowOthers) assertPrivate((await handle.stat()).mode, path)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw error
  }
}

/** Windows has other rights, which Node does not show. */
function assertPrivate(mode: number, path: string): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  throw new TokenStoreError(
    `Others have access to ${path} (mode ${(mode & 0o777).toString(8)}), and it holds tokens: chmod 600 it, and log in anew if it was exposed. Where this is meant, say \`allowInsecurePermissions: true\``,
    { operation: 'load' },
  )
}

function contentOf(text: string, field: string): unknown {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw new NoContent('not valid JSON')
  }
  const { tokenward: version, [field]: content } = { ...(file as Record<string, unknown>) }
  if (version !== FORMAT_VERSION) {
    const isNewer = typeof version === 'number' && version > FORMAT_VERSION
    throw new NoContent(isNewer ? 'written by a newer version' : 'no session file of tokenward')
  }
  if (content === undefined || content === null) throw new NoContent(`no \`${field}\` in it`)
  return content
}

/** The text is not in the message: it may hold tokens. */
class NoContent extends Error {}

function damaged({ path }: SessionFile, why: Error | undefined): Found {
  const message = `${path} is damaged: ${why?.message}. The next login or logout replaces it, and keeps the damaged file beside it`
  const damage = new TokenStoreError(message, { operation: 'load', reason: 'damaged' })
  return { version: undefined, damage }
}
