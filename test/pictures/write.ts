/** `npm run docs:pictures`: the pictures of the docs that are made from data or drawn by rule. */
import { writeFileSync } from 'node:fs'
import { drawings } from './drawings.js'
import { recordCli } from './record-cli.js'
import { recordDemo } from './record-demo.js'
import { terminal } from './terminal.js'

const FOLDER = new URL('../../docs/images/', import.meta.url)

for (const [name, picture] of Object.entries(drawings())) {
  writeFileSync(new URL(`${name}.svg`, FOLDER), picture)
}
if (process.argv.includes('--demo')) {
  const picture = terminal('npm run demo, as it was shown in a terminal', await recordDemo())
  writeFileSync(new URL('demo.svg', FOLDER), picture)
}
if (process.argv.includes('--cli')) {
  const picture = terminal('The example CLI, as it was used in a terminal', await recordCli())
  writeFileSync(new URL('example-cli.svg', FOLDER), picture)
}
