import { chownSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const NOBODY = 65_534
export const isRoot = process.getuid?.() === 0

/** Root writes everywhere. @param roots - files that stay root's, as after a run with sudo */
export async function asNobody(
  folder: string,
  act: () => Promise<void>,
  roots: readonly string[] = [],
): Promise<void> {
  if (!isRoot) return act()
  for (const file of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    const path = join(folder, file)
    if (!roots.includes(path)) chownSync(path, NOBODY, NOBODY)
  }
  process.seteuid!(NOBODY)
  try {
    await act()
  } finally {
    process.seteuid!(0)
  }
}
