import { describe, expect, it } from 'vitest'
import { instantOf } from '../../../src/tokens/instant.js'

const AT = Date.UTC(2026, 5, 1)

describe('an absolute time', () => {
  it.each<[string, unknown]>([
    ['in seconds', AT / 1_000],
    ['in milliseconds', AT],
    ['in seconds, as text', String(AT / 1_000)],
    ['in milliseconds, as text', ` ${AT} `],
    ['as a `Date`', new Date(AT)],
    ['as ISO text', '2026-06-01T00:00:00Z'],
    ['as ISO text in spaces', ' 2026-06-01T00:00:00.000Z '],
    ['as HTTP has it', 'Mon, 01 Jun 2026 00:00:00 GMT'],
    ['beginning with a month', 'Jun 1, 2026 00:00:00 UTC'],
    ['beginning with a whole month', 'June 1, 2026 00:00:00 UTC'],
    ['with slashes', '2026/06/01 00:00:00 UTC'],
  ])('is read %s', (_form, value) => {
    expect(instantOf(value)).toBe(AT)
  })

  it('is in seconds up to 1e11, and in milliseconds from there', () => {
    expect(instantOf(1e11)).toBe(1e14)
    expect(instantOf(1e11 + 1)).toBe(1e11 + 1)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['zero', 0],
    ['a negative number', -5],
    ['no number', Number.NaN],
    ['for ever', Infinity],
    ['empty text', ''],
    ['spaces', '  '],
    ['a date that is none', new Date(Number.NaN)],
    ['a word', 'soon'],
    ['a duration', '1h'],
    ['a number with a letter', 'x 1'],
    ['a month of no year', 'Jun 1'],
    ['text that holds a date', 'on 2026-06-01'],
    ['a short year', '26-06-01'],
    ['an object', { valueOf: () => AT }],
  ])('is not read from %s', (_what, value) => {
    expect(instantOf(value)).toBeUndefined()
  })
})
