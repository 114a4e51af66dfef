import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import project from '../../vitest.config.js'

const { alias } = project.resolve as { alias: Record<string, string> }

/** The quickest first, since the first test that fails ends a mutant. */
class QuickestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((one, other) => rank(one) - rank(other)))
  }
}

const rank = ({ moduleId }: TestSpecification) =>
  ['/unit/', '/mutation/', '/behaviour/'].findIndex((folder) => moduleId.includes(folder))

/** What proves the session core: its own tests, the laws, and some seeds of the simulation. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { alias },
  test: {
    include: [
      'test/unit/{session,tokens,pool}/**/*.test.ts',
      'test/unit/{clock,detached,kept-*,pollution,renewal,timing,token-source,wait,option-checks,user-response}.test.ts',
      'test/behaviour/{0*,13*,14*,15*,16*,explain,known*,one-*}.test.ts',
      'test/mutation/simulation.test.ts',
    ],
    restoreMocks: true,
    isolate: false,
    sequence: { sequencer: QuickestFirst },
    setupFiles: ['test/support/leave-as-found.ts'],
    testTimeout: 60_000,
  },
})
