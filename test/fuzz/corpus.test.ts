import { describe, expect, it } from 'vitest'
import { corpusOf } from './corpus.js'
import { grown } from './growth.js'
import { play } from './target.js'
import { TARGETS } from './targets.js'

/** Where looking back from each place again would take minutes. */
const LONG = 250_000

describe.each(TARGETS)('what is read as $name', (target) => {
  const corpus = corpusOf(target.name)

  it.each(corpus)(
    'throws nothing but errors of ours, which show what may be shown: $name',
    async ({ text }) => {
      await expect(play(target, text)).resolves.toBeUndefined()
    },
  )

  it('may be as long as it likes', async () => {
    const { text } = corpus[0]!
    const middle = Math.floor(text.length / 2)
    const [before, after] = [text.slice(0, middle), text.slice(middle)]
    for (const part of [text[middle]!, ' ', 'a', '"', '[']) {
      await play(target, grown({ before, part, after }, LONG))
    }
  })
})
