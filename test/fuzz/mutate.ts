import fc from 'fast-check'

type Mutation = (text: string) => string

/**
 * A text of the corpus, changed in a few places: cut, doubled, swapped with a part of another,
 * with one of the target's words or any text put in.
 */
export function mutated(seeds: readonly string[], words: readonly string[]): fc.Arbitrary<string> {
  const seed = fc.constantFrom('', ...seeds)
  const piece = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.tuple(seed, place, place).map(([text, from, to]) => text.slice(...span(text, from, to))),
  )
  const replaced = fc.tuple(piece, place, place).map(([by, from, to]): Mutation => (text) => {
    const [start, end] = span(text, from, to)
    return text.slice(0, start) + by + text.slice(end)
  })
  const inserted = fc
    .tuple(piece, place, fc.integer({ min: 1, max: 40 }))
    .map(([by, at, times]): Mutation => (text) => {
      const index = Math.floor(at * text.length)
      return text.slice(0, index) + by.repeat(times) + text.slice(index)
    })
  const mutations = fc.array(fc.oneof(replaced, inserted), { maxLength: 4 })
  return fc
    .tuple(seed, mutations)
    .map(([text, changes]) => changes.reduce((changed, change) => change(changed), text))
}

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

/** Short ones are tried more often than long ones. */
function span(text: string, from: number, length: number): [number, number] {
  const start = Math.floor(from * text.length)
  return [start, start + Math.ceil(length ** 4 * (text.length - start))]
}
