import { execFile } from 'node:child_process'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  readonly path: string
  /** From now on nothing can be written there. */
  makeReadOnly(): Promise<void>
  makeWritable(): Promise<void>
  unmount(): Promise<void>
}

/** @throws Error if mounting is not permitted */
export async function mountSmallDisk(): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'tokenward-disk-'))
  const remount = async (mode: 'ro' | 'rw') => {
    await run('mount', ['-o', `remount,${mode},size=64k`, path])
  }
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tokenward', path])
  } catch (error) {
    await rmdir(path)
    throw error
  }
  return {
    path,
    makeReadOnly: () => remount('ro'),
    makeWritable: () => remount('rw'),
    unmount: async () => {
      await run('umount', ['--lazy', path]) // also while a process of the test is at it
      await rmdir(path)
    },
  }
}

/** Why no disk can be mounted here; `undefined` if one can, or must. */
export async function whyNoDisk(): Promise<string | undefined> {
  if (process.env.TOKENWARD_REQUIRE_ALL) return undefined
  try {
    await (await mountSmallDisk()).unmount()
    return undefined
  } catch {
    return 'mounting is not permitted here'
  }
}
