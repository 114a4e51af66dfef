import { readdir, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readPrivate } from './private-file.js'
import { stateOfWriter, WRITE_NAME } from './process-name.js'
import { keyOf } from './replace-file.js'

/** What the killed left behind: found before a write, removed after it. @internal */
export async function findLeftovers(path: string): Promise<() => Promise<void>> {
  const folder = dirname(path)
  const pattern = leftoverPattern(basename(path))
  const names = await readdir(folder).catch(() => [])
  const found = names.flatMap((name) => {
    const { write, key } = pattern.exec(name)?.groups ?? {}
    return write !== undefined || key !== undefined ? [{ name, write, key }] : []
  })
  const dead: typeof found = []
  for (const each of found) {
    if (each.key !== undefined || (await isLeft(join(folder, each.name), each.write!))) {
      dead.push(each)
    }
  }
  return async () => {
    if (dead.length === 0) return
    const keyNow = keyOf(await readPrivate(path).catch(() => undefined))
    for (const { name, key } of dead) {
      if (key !== keyNow) await unlink(join(folder, name)).catch(() => undefined)
    }
  }
}

const LONG_AGO_MS = 86_400_000

async function isLeft(path: string, write: string): Promise<boolean> {
  const state = stateOfWriter(write)
  if (state !== 'unknown') return state === 'gone'
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && Date.now() - stats.mtimeMs > LONG_AGO_MS
}

function leftoverPattern(name: string): RegExp {
  const own = name.replace(/[^\w]/g, String.raw`\$&`)
  const temporary = String.raw`(?:lock\.)?(?<write>${WRITE_NAME})\.tmp`
  return new RegExp(`^${own}\\.(?:${temporary}|(?<key>[0-9a-f]{16})\\.next)$`)
}
