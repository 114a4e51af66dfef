import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const TOOLS = fileURLToPath(new URL('../../bundles/node_modules', import.meta.url))
const BUN = join(TOOLS, '@oven/bun-linux-x64/bin/bun')

/**
 * Bun, where it is installed (`npm ci --prefix test/bundles`), else Node.js: whoever shares a file
 * need not be run by the same.
 */
export const ANOTHER_RUNTIME = existsSync(BUN) ? BUN : process.execPath
