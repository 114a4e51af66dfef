import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'

/** Where a program is, in one of these folders or those of PATH. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const all = [...folders, ...(process.env.PATH ?? '').split(delimiter)]
  return all.map((folder) => join(folder, name)).find(isExecutable)
}

/** Tests with a program that not everybody has: without it they are skipped, or fail where all must be there. */
export function describeWith(
  { program, needs }: { program: string | undefined; needs: string },
  name: string,
  define: () => void,
): void {
  const isMissing = program === undefined
  if (isMissing && process.env.TOKENWARD_REQUIRE_ALL) {
    it(`${name}: ${needs}: here, as TOKENWARD_REQUIRE_ALL demands`, () => {
      throw new Error(`${needs}: not installed`)
    })
  }
  const why = isMissing ? ` (${needs}: not installed)` : ''
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
