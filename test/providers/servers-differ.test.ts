import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isThere, testsNamedIn } from '../support/named-tests.js'

const PAGE = 'docs/providers/servers-differ.md'
const rows = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !line.includes('| ---') && !/\| test *\|$/.test(line))
const named = testsNamedIn(PAGE)

describe('the page of how servers differ', () => {
  it('has a test in every row', () => {
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.filter((row) => !row.includes('.test.ts`: "'))).toEqual([])
  })

  it.each(named)('names a test that there is: $file, $name', (test) => {
    expect(isThere(test), `${test.file} has no test "${test.name}"`).toBe(true)
  })
})
