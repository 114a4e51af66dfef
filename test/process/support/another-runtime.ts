import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BUN = fileURLToPath(
  new URL('../../bundles/node_modules/@oven/bun-linux-x64/bin/bun', import.meta.url),
)

/**
 * Bun, where it is installed (`npm ci --prefix test/bundles`), else Node.js: whoever shares a file
 * need not be run by the same.
 */
export const ANOTHER_RUNTIME = existsSync(BUN) ? BUN : process.execPath
