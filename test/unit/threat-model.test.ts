import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** As the threat model names a test: `file`: "name". */
const NAMED = /`(test\/[^`]+\.test\.ts)`: "([^"]+)"/g

const model = readFileSync('docs/threat-model.md', 'utf8')
const named = [...model.matchAll(NAMED)].map(([, file, name]) => ({ file: file!, name: name! }))

describe('the threat model', () => {
  it('names tests', () => {
    expect(named.length).toBeGreaterThan(30)
  })

  it.each(named)('names a test that there is: $file, $name', ({ file, name }) => {
    expect(existsSync(file), file).toBe(true)
    const written = ["'", '"', '`'].map((quote) => `${quote}${name}${quote}`)
    const source = readFileSync(file, 'utf8')
    expect(
      written.some((text) => source.includes(text)),
      `${file} has no test "${name}"`,
    ).toBe(true)
  })
})
