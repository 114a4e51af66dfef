import { open } from 'node:fs/promises'
import { readPrivate } from './private-file.js'
import { newWriteName } from './process-name.js'
import { readSessionFile, type SessionFile } from './session-file.js'
import { isRemoved, linkTemporary, temporaryPath, writeTemporary } from './temporary-file.js'

/** A session with large tokens: a disk may have room for an empty file and no more. */
const REHEARSED = ' '.repeat(16_384)

/**
 * Does all that saving a login needs, and leaves nothing behind; what a killed one leaves, the next
 * save removes.
 *
 * @throws TokenStoreError; what the file system throws
 * @internal
 */
export async function rehearseLogin(file: SessionFile): Promise<void> {
  const { path, format } = file
  const { content } = await readSessionFile(file)
  await assertLockable(`${path}.lock`)
  const temporary = temporaryPath(path, newWriteName())
  const second = temporaryPath(path, newWriteName())
  try {
    await writeTemporary(path, temporary, REHEARSED, true)
    await linkTemporary(temporary, second)
  } finally {
    await isRemoved(temporary)
    await isRemoved(second)
  }
  await format.check?.(content)
}

/** Without waiting for it: another process may hold it for a moment. */
async function assertLockable(lock: string): Promise<void> {
  if (!(await readPrivate(lock))) return
  const file = await open(lock, 'r+')
  await file.close()
}
