import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { withPrograms } from './support/printed.js'

const FOLDER = new URL('../../docs/recipes/', import.meta.url)

for (const name of readdirSync(FOLDER)) {
  const page = new URL(name, FOLDER)
  writeFileSync(page, withPrograms(readFileSync(page, 'utf8')))
}
