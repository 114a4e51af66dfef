import { constants } from 'node:fs'
import { chmod, copyFile, open, type FileHandle } from 'node:fs/promises'
import { now } from '../../clock.js'
import { isTokenError, TokenStoreError } from '../../errors.js'
import { readSession } from '../stored-session.js'
import type { StoredSession } from '../token-store.js'
import type { Content, SessionFormat } from './session-format.js'
import { writeWhole } from './write-whole.js'

/** The one session of one file. Knows nothing of locks. */
export interface SessionFile {
  readonly path: string
  readonly format: SessionFormat
  /** Take a file that others can read. */
  readonly allowOthers: boolean
}

/** What was found in it. `content`: as it is written there, where that much could be read. */
export interface FoundInFile {
  readonly session: StoredSession | undefined
  readonly content: Content | undefined
  /** `damaged` or `undecryptable`: then there is no session. */
  readonly damage: TokenStoreError | undefined
}

const FORMAT_VERSION = 1

/**
 * What the file holds; damage is told, not thrown.
 *
 * @throws TokenStoreError if it cannot be read, or others can read it; what the file system throws
 * @internal
 */
export async function readSessionFile(file: SessionFile): Promise<FoundInFile> {
  const text = await readText(file)
  if (text === undefined) return { session: undefined, content: undefined, damage: undefined }
  const { content, flaw } = contentOf(text)
  if (!content) return { session: undefined, content, damage: damaged(file, flaw) }
  try {
    const { session, damage } = readSession(await file.format.decode(content))
    if (session) return { session, content, damage: undefined }
    const why = damage?.message ?? 'it holds no session of this kind of store'
    return { session, content, damage: damaged(file, why) }
  } catch (error) {
    const isSealed = isTokenError(error, 'ERR_TOKEN_STORE') && error.reason === 'undecryptable'
    if (isSealed) return { session: undefined, content, damage: error }
    throw error
  }
}

/**
 * Only under the lock.
 *
 * @param replaced - what is there now
 * @internal
 */
export async function writeSessionFile(
  file: SessionFile,
  session: StoredSession,
  replaced: FoundInFile,
): Promise<void> {
  const content = await file.format.encode(session, replaced.content)
  if (replaced.damage) await keepAside(file)
  await writeWhole(file.path, `${JSON.stringify({ tokenward: FORMAT_VERSION, ...content })}\n`)
}

/** Copied rather than moved: until its successor is written, the damage stays what is there. */
async function keepAside({ path }: SessionFile): Promise<void> {
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
    `Others have access to ${path} (mode ${(mode & 0o777).toString(8)}), which is for its owner alone: chmod 600 it, and log in anew if it may have been read. Where this is meant, say \`allowInsecurePermissions: true\``,
    { operation: 'load' },
  )
}

/** The text is in no message: it may hold tokens. */
function contentOf(text: string): { content?: Content; flaw: string } {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    return { flaw: 'it is no JSON' }
  }
  const { tokenward: version, ...content } = { ...(file as Content) }
  if (version === FORMAT_VERSION) return { content, flaw: '' }
  const isNewer = typeof version === 'number' && version > FORMAT_VERSION
  return { flaw: isNewer ? 'a newer version wrote it' : 'it is no session file of tokenward' }
}

function damaged({ path }: SessionFile, why: string): TokenStoreError {
  return new TokenStoreError(
    `${path} is damaged (${why}). The next login or logout replaces it, and keeps what is there beside it`,
    { operation: 'load', reason: 'damaged' },
  )
}
