import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'

/** Where Debian's package `redis-server` puts it, if it is installed. */
export function findRedisServer(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'redis-server')).find(isExecutable)
}

/** Tests against a real Redis: without one they are skipped, or fail where all must be there. */
export function describeWithRedis(name: string, define: () => void): void {
  const isMissing = findRedisServer() === undefined
  if (isMissing && process.env.TOKENWARD_REQUIRE_ALL) {
    it(`${name}: redis-server is here, as TOKENWARD_REQUIRE_ALL demands`, () => {
      throw new Error("Debian's redis-server is not installed")
    })
  }
  const why = isMissing ? " (Debian's redis-server is not installed)" : ''
  describe.skipIf(isMissing)(name + why, define)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
