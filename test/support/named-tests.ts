import { existsSync, readFileSync } from 'node:fs'

/** As a page names a test: `file`: "name". */
const NAMED = /`(test\/[^`]+\.test\.ts)`: "([^"]+)"/g

export interface NamedTest {
  readonly file: string
  readonly name: string
}

/** The tests that a page of the docs promises. */
export function testsNamedIn(page: string): NamedTest[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(NAMED)].map(([, file, name]) => ({ file: file!, name: name! }))
}

/** Whether there is such a test, by its name as it is written. */
export function isThere({ file, name }: NamedTest): boolean {
  if (!existsSync(file)) return false
  const source = readFileSync(file, 'utf8')
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`))
}
