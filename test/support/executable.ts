import { describe, it } from 'vitest'
export { findProgram } from './find-program.js'

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
