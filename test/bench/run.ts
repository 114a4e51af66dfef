import { writeFileSync } from 'node:fs'
import { format } from 'prettier'
import { askOnce } from './measure/child.ts'
import { toMarkdown } from './report/markdown.ts'
import { toLines } from './report/lines.ts'
import { versions } from './report/versions.ts'
import type { Row } from './row.ts'
import { ROWS } from './rows/all.ts'

const DOCUMENT = new URL('../../docs/benchmarks.md', import.meta.url)

/** Nothing is collected while allocations are counted. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512']

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !Object.hasOwn(ROWS, name))
if (unknown !== undefined) throw new Error(`${unknown}: there are ${Object.keys(ROWS).join(', ')}`)

const begunAt = performance.now()
const rows: Row[] = []
for (const name of asked.length > 0 ? asked : Object.keys(ROWS)) {
  const row = await askOnce<Row>('children/row.child.ts', name, FLAGS)
  rows.push(row)
  console.log(toLines(row).join('\n'), '\n')
}
console.log(`${Math.round((performance.now() - begunAt) / 1000)} s in all`)

// A part of the rows is for those who work on one: only a whole run is worth keeping.
if (asked.length === 0) {
  const text = await format(toMarkdown(rows, versions()), { parser: 'markdown' })
  writeFileSync(DOCUMENT, text)
}
