import fc from 'fast-check'

/** A text in which one part is repeated: what makes a parser slow that looks back. */
export interface Growing {
  readonly before: string
  readonly part: string
  readonly after: string
}

/** The text at about this length. */
export function grown({ before, part, after }: Growing, length: number): string {
  const times = Math.ceil((length - before.length - after.length) / part.length)
  return before + part.repeat(Math.max(times, 1)) + after
}

export function growing(seeds: readonly string[], words: readonly string[]): fc.Arbitrary<Growing> {
  const parts = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', minLength: 1, maxLength: 3 })) // prettier-ignore
  const anywhere = fc.nat({ max: 10_000 })
  const cut = fc.tuple(fc.constantFrom('', ...seeds), anywhere, anywhere, parts, fc.boolean())
  return cut.map(([text, at, length, word, isOwn]) => {
    const start = at % (text.length + 1)
    const own = text.slice(start, start + 1 + (length % 6))
    const part = isOwn && own !== '' ? own : word
    return { before: text.slice(0, start), part, after: text.slice(start) }
  })
}
