import { describe, expect, it } from 'vitest'
import { textHash } from '../../../../src/stores/file/text-hash.js'

/** As files differ: by the version, or the name of the write. */
const TEXTS = Array.from({ length: 20_000 }, (_, at) => `{"tokenward":1,"version":${at},"x":""}`)

describe('the hash of a text', () => {
  it('is 16 hexadecimal digits, the same in each process', () => {
    expect(textHash('')).toMatch(/^[0-9a-f]{16}$/)
    expect(textHash('{"tokenward":1}')).toBe('4291bf000461f2fe')
  })

  it('tells apart texts that hardly differ, by each half of its bits', () => {
    const hashes = TEXTS.map(textHash)
    expect(new Set(hashes).size).toBe(TEXTS.length)
    // By chance 20,000 of 2^32 share one half 0.05 times.
    for (const half of [
      hashes.map((each) => each.slice(0, 8)),
      hashes.map((each) => each.slice(8)),
    ])
      expect(new Set(half).size).toBeGreaterThan(TEXTS.length - 3)
  })

  it.each(['\0', 'a\0', '\0a', '\u{1F4A5}', '\uD83D', '\uDCA5\uD83D', 'ä', 'ä'])(
    'sees each sign of %j',
    (text) => {
      const others = [
        '',
        'a',
        `${text}\0`,
        `${text} `,
        `\0${text}`,
        [...text].reverse().join('') + 'x',
      ]
      for (const other of others.filter((each) => each !== text))
        expect(textHash(other)).not.toBe(textHash(text))
    },
  )

  it('changes half of its bits with one of the text', () => {
    const flipped = TEXTS.slice(0, 2_000).map((text) => {
      const changed = text.replace('"x"', '"y"')
      return bitsOf(BigInt(`0x${textHash(text)}`) ^ BigInt(`0x${textHash(changed)}`))
    })
    const mean = flipped.reduce((sum, bits) => sum + bits, 0) / flipped.length
    expect(mean).toBeGreaterThan(31)
    expect(mean).toBeLessThan(33)
  })
})

function bitsOf(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length
}
