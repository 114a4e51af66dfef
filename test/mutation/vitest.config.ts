import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import project from '../../vitest.config.js'

const { alias } = project.resolve as { alias: Record<string, string> }

/** What proves the session core: its own tests, the laws, and some seeds of the simulation. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { alias },
  test: {
    include: [
      'test/unit/{session,tokens}/**/*.test.ts',
      'test/unit/{timing,token-source,wait,clock,detached}.test.ts',
      'test/behaviour/{0*,13*,14*,15*,16*,explain,known*,one-*}.test.ts',
      'test/mutation/simulation.test.ts',
    ],
    restoreMocks: true,
    isolate: false,
    setupFiles: ['test/support/leave-as-found.ts'],
    testTimeout: 60_000,
  },
})
