import { constants } from 'node:fs'
import { chmod, copyFile } from 'node:fs/promises'
import { now } from '../../clock.js'
import { isTokenError, TokenStoreError } from '../../errors.js'
import { parseRecord } from '../../nested-json.js'
import { readSession } from '../stored-session.js'
import type { StoredSession } from '../token-store.js'
import { assertPrivateFolder, type FileText } from './private-file.js'
import { findLeftovers } from './leftovers.js'
import { readSettled, replaceFile } from './replace-file.js'
import type { Content, SessionFormat } from './session-format.js'

/** The one session of one file. */
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
  /** The name of this state of the file. */
  readonly key: string
}

const FORMAT_VERSION = 1

/**
 * What the file holds; damage is told, not thrown.
 *
 * @throws TokenStoreError if it cannot be read, or others can read it; what the file system throws
 * @internal
 */
export async function readSessionFile(file: SessionFile): Promise<FoundInFile> {
  if (!file.allowOthers) await assertPrivateFolder(file.path)
  const { file: found, key } = await readSettled(file.path)
  return { ...(await decoded(file, found)), key }
}

async function decoded(
  file: SessionFile,
  found: FileText | undefined,
): Promise<Omit<FoundInFile, 'key'>> {
  if (!found) return { session: undefined, content: undefined, damage: undefined }
  if (!file.allowOthers) assertPrivate(found.mode, file.path)
  const { content, flaw } = contentOf(found.text)
  if (!content) return { session: undefined, content, damage: damaged(file, flaw) }
  try {
    const { session, damage } = readSession(await file.format.decode(content))
    if (session) return { session, content, damage: undefined }
    const why = damage?.message ?? 'it holds no session of this kind of store'
    return { session, content, damage: damaged(file, why) }
  } catch (error) {
    if (!isTokenError(error, 'ERR_TOKEN_STORE')) throw error
    const isUseless = error.reason === 'undecryptable' || error.reason === 'damaged'
    if (isUseless) return { session: undefined, content, damage: error }
    throw error
  }
}

/**
 * Writes a session over one of the given version.
 *
 * @param known - what was found or written last. Where it still has that version it is not read
 * again: if it is not there any more, it cannot be replaced
 * @returns what is there now; `undefined` if another version is there
 * @internal
 */
export async function saveSessionFile(
  file: SessionFile,
  session: StoredSession,
  ifVersion: number | undefined,
  known?: FoundInFile,
): Promise<FoundInFile | undefined> {
  // Before anything is claimed: what is left behind later may still have to be put in place.
  const removeLeftovers = await findLeftovers(file.path)
  // That there is no file is a state that may come again: its claim must not be left behind.
  let found = known?.session && known.session.version === ifVersion ? known : undefined
  if (found && !file.allowOthers) await assertPrivateFolder(file.path)
  for (;;) {
    found ??= await readSessionFile(file)
    if (found.session?.version !== ifVersion) return undefined
    const saved = await replaceSession(file, session, found)
    if (saved) {
      await removeLeftovers()
      return saved
    }
    // Another was faster: it may have saved the same version once more.
    found = undefined
  }
}

async function replaceSession(
  file: SessionFile,
  session: StoredSession,
  found: FoundInFile,
): Promise<FoundInFile | undefined> {
  const content = await file.format.encode(session, found.content)
  const isSignedOut = session.tokens === null && found.damage?.reason === 'undecryptable'
  if (found.damage && !isSignedOut) await keepAside(file) // a user who logs out wants no copies
  const text = (write: string) => textOf(write, content)
  const check = (there: FileText | undefined) => {
    if (there && !file.allowOthers) assertPrivate(there.mode, file.path)
  }
  const key = await replaceFile(file.path, found.key, text, { isDurable: true, check })
  if (key === undefined) return undefined
  const saved = { session, content, damage: undefined, key }
  if ((await file.format.confirm?.(content)) ?? true) return saved
  return (await replaceSession(file, session, saved)) ?? saved
}

/** What a file says, by one write. @internal */
export function textOf(write: string, content: Content): string {
  return `${JSON.stringify({ tokenward: FORMAT_VERSION, write, ...content })}\n`
}

/** Copied rather than moved: until its successor is written, the damage stays what is there. */
async function keepAside({ path }: SessionFile): Promise<void> {
  const instant = new Date(now()).toISOString().replace(/[^\dTZ]/g, '-')
  const aside = `${path}.damaged-${instant}-${crypto.randomUUID().slice(0, 8)}`
  await copyFile(path, aside, constants.COPYFILE_EXCL)
  await chmod(aside, 0o600)
}

/** Windows has other rights, which Node does not show. */
function assertPrivate(mode: number, path: string): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  throw new TokenStoreError(
    `Other users have access to ${path} (mode ${(mode & 0o777).toString(8)}), which only its owner may access. Remove their access (chmod 600 ${path}), and log in again if they may have read it`,
    { operation: 'load', isTransient: false },
  )
}

/** The text is in no message: it may hold tokens. @internal */
export function contentOf(text: string): { content?: Content; flaw: string } {
  let file: unknown
  try {
    file = parseRecord(text.replace(/^\uFEFF/, '')) // editors of Windows put a byte order mark there
  } catch {
    return { flaw: 'it is not JSON' }
  }
  const { tokenward: version, write: _, ...content } = { ...(file as Content) }
  if (version === FORMAT_VERSION) return { content, flaw: '' }
  const isNewer = typeof version === 'number' && version > FORMAT_VERSION
  return { flaw: isNewer ? 'a newer version wrote it' : 'it is not a session file of tokenward' }
}

function damaged({ path }: SessionFile, why: string): TokenStoreError {
  return new TokenStoreError(
    `${path} is damaged (${why}). The next login or logout replaces it, and keeps the old file next to it`,
    { operation: 'load', reason: 'damaged' },
  )
}
