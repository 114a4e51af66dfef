import { open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file whole or not at all: a temporary file beside it, brought to the disk, then renamed.
 * Only for who holds the file's lock: what a killed writer left behind is swept first.
 *
 * @internal
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  await sweep(path)
  const temporary = `${path}.${crypto.randomUUID()}.tmp`
  try {
    await writeAndSync(temporary, text, path)
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(path))
}

async function writeAndSync(temporary: string, text: string, path: string): Promise<void> {
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(text) // all of it, or it throws; one `write` may stop at a full disk
    await keepOwner(file, path)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A user's file stays theirs when they run the program once by sudo. */
async function keepOwner(file: FileHandle, path: string): Promise<void> {
  const before = await stat(path).catch(() => undefined)
  if (before && process.getuid?.() === 0) await file.chown(before.uid, before.gid)
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

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

async function sweep(path: string): Promise<void> {
  const prefix = `${basename(path)}.`
  const rest = new RegExp(`^${UUID}\\.tmp$`)
  for (const name of await readdir(dirname(path))) {
    const isLeft = name.startsWith(prefix) && rest.test(name.slice(prefix.length))
    if (isLeft) await unlink(join(dirname(path), name)).catch(() => undefined)
  }
}
