import { describe, expect, it } from 'vitest'
import { isThere, testsNamedIn } from '../support/named-tests.js'

const named = testsNamedIn('docs/threat-model.md')

describe('the threat model', () => {
  it('names tests', () => {
    expect(named.length).toBeGreaterThan(30)
  })

  it.each(named)('names a test that there is: $file, $name', (test) => {
    expect(isThere(test), `${test.file} has no test "${test.name}"`).toBe(true)
  })
})
