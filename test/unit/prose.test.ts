import { describe, expect, it } from 'vitest'
import { lintProse } from '../prose/lint.js'
import { proseOf } from '../prose/source-prose.js'

const messagesOf = (text: string) => lintProse(text).map(({ message }) => message)

describe('the prose linter', () => {
  it.each([
    ['The answer is late.', '"answer": response, respond'],
    ['It waits for ever.', '"for ever": forever'],
    ['The session id is new.', '"session id": ID'],
    ['An Oauth client.', '"Oauth": OAuth'],
    ['Its Json is read.', '"Json": JSON'],
    ['It is the the same.', 'Unexpected repeated `the`, remove one occurrence'],
    ['It is an server.', 'Unexpected article `an` before `server`, expected `a`'],
  ])('does not take "%s"', (text, message) => {
    expect(messagesOf(text)).toEqual([message])
  })

  it('takes a sentence of 35 words and none of 36, code counted as a word', () => {
    const of = (count: number) => Array.from({ length: count }, (_, at) => `word${at}`).join(' ')
    expect(messagesOf(`A ${of(34)}.`)).toEqual([])
    expect(messagesOf(`A \`code\` ${of(34)}.`)).toEqual(['A sentence of 36 words: at most 35'])
    expect(messagesOf(`A ${of(20)}. A ${of(20)}. \`x\` ${of(20)}.`)).toEqual([])
  })

  it('reads headings, lists and the cells of tables, each by itself, and says where', () => {
    expect(lintProse('# An answer')).toMatchObject([{ line: 1 }])
    expect(lintProse('- one\n- an answer')).toMatchObject([{ line: 2 }])
    expect(lintProse('| a | b |\n| - | - |\n| the | the answer |')).toMatchObject([{ line: 3 }])
    expect(lintProse('| a | b |\n| - | - |\n| the | the |')).toEqual([])
  })

  it.each([
    'Call `answer()` here.',
    '```ts\nanswer()\n```',
    '[The response](answer.md).',
    'See https://oauth.net/2 and axios-jwt.',
    'As in `test.ts`: "an answer that streams".',
  ])('looks over code, addresses, names of packages and quotations: %s', (text) => {
    expect(messagesOf(text)).toEqual([])
  })
})

describe('the prose of a source file', () => {
  const SOURCE = `import { x } from 'not a sentence at all'
/**
 * Says {@link x}.
 *
 * @param y - an answer
 * @example
 * answer()
 */
const a = new Error(\`\${x} is an answer to y\`)
const sql = 'SELECT the answer from y'
const name = 'answer'
`

  it('is in docstrings and messages, not in examples, imports, names or SQL', () => {
    const found = proseOf('x.ts', SOURCE).flatMap(({ text, line }) =>
      lintProse(text).map((finding) => finding.line + line),
    )
    expect(found).toEqual([5, 9])
  })
})
