import { describe, expect, it } from 'vitest'
import { parseChallenges } from '../../../src/http/challenge.js'

const plain = (header: string | readonly string[] | null | undefined) =>
  parseChallenges(header).map(({ scheme, params, token68 }) => ({
    scheme,
    ...Object.fromEntries(params),
    ...(token68 && { token68 }),
  }))

describe('a WWW-Authenticate header', () => {
  it.each([
    ['nothing', undefined, []],
    ['null', null, []],
    ['an empty line', '', []],
    ['separators only', ' , ,\t', []],
    ['a scheme alone', 'Bearer', [{ scheme: 'bearer' }]],
    ['any letter case', 'bEaReR ERROR="x"', [{ scheme: 'bearer', error: 'x' }]],
    [
      'several parameters',
      'Bearer realm="api", error="invalid_token", error_description="It expired"',
      [
        {
          scheme: 'bearer',
          realm: 'api',
          error: 'invalid_token',
          error_description: 'It expired',
        },
      ],
    ],
    [
      'a value without quotes',
      'Bearer error=invalid_token',
      [{ scheme: 'bearer', error: 'invalid_token' }],
    ],
    ['white space around =', 'Bearer error = "x"', [{ scheme: 'bearer', error: 'x' }]],
    [
      'commas in quotes',
      'Bearer realm="a, Basic b", error="x"',
      [{ scheme: 'bearer', realm: 'a, Basic b', error: 'x' }],
    ],
    ['quoted pairs', 'Bearer realm="a \\"b\\" \\\\c"', [{ scheme: 'bearer', realm: 'a "b" \\c' }]],
    [
      'several challenges in one line',
      'Basic realm="a", Bearer realm="b", error="invalid_token", Negotiate',
      [
        { scheme: 'basic', realm: 'a' },
        { scheme: 'bearer', realm: 'b', error: 'invalid_token' },
        { scheme: 'negotiate' },
      ],
    ],
    [
      'a token68',
      'Negotiate YII+/a~b==, Bearer',
      [{ scheme: 'negotiate', token68: 'YII+/a~b==' }, { scheme: 'bearer' }],
    ],
    [
      'several lines',
      ['Basic realm="a"', 'Bearer error="x"'],
      [
        { scheme: 'basic', realm: 'a' },
        { scheme: 'bearer', error: 'x' },
      ],
    ],
    ['empty list elements', ',, Bearer ,error="x" ,,', [{ scheme: 'bearer', error: 'x' }]],
    [
      'a missing comma',
      'Bearer realm="a" error="x"',
      [{ scheme: 'bearer', realm: 'a', error: 'x' }],
    ],
    [
      'a URL without quotes',
      'Bearer resource_metadata=https://a.example/x?y=1, error="x"',
      [{ scheme: 'bearer', resource_metadata: 'https://a.example/x?y=1', error: 'x' }],
    ],
    [
      'a name twice: the first counts',
      'Bearer error="x", Error="y"',
      [{ scheme: 'bearer', error: 'x' }],
    ],
    [
      'a parameter before any scheme',
      'realm="a", Bearer error="x"',
      [{ scheme: 'bearer', error: 'x' }],
    ],
    [
      'a quote that never ends',
      'Bearer realm="a, error=',
      [{ scheme: 'bearer', realm: 'a, error=' }],
    ],
    ['a backslash at the end', 'Bearer realm="a\\', [{ scheme: 'bearer', realm: 'a' }]],
    [
      'a value left out',
      'Bearer a=1, error=, realm="r"',
      [{ scheme: 'bearer', a: '1', error: '', realm: 'r' }],
    ],
    [
      'rubbish between',
      'Bearer error="x", @"a,b"@, Basic',
      [{ scheme: 'bearer', error: 'x' }, { scheme: 'basic' }],
    ],
    [
      'names of Object.prototype',
      'Bearer __proto__="a", constructor="b"',
      [
        Object.fromEntries([
          ['scheme', 'bearer'],
          ['__proto__', 'a'],
          ['constructor', 'b'],
        ]),
      ],
    ],
  ])('reads %s', (_, header, challenges) => {
    expect(plain(header)).toEqual(challenges)
  })

  it.each([
    ['quotes', '"'.repeat(60_000)],
    ['backslashes', `Bearer a="${'\\'.repeat(60_000)}`],
    ['commas', ','.repeat(60_000)],
    ['token characters', `Bearer ${'a'.repeat(60_000)}!`],
    ['spaces', `Bearer a${' '.repeat(60_000)};`],
    ['equals signs', `Bearer a${'='.repeat(60_000)};`],
  ])('is read in linear time, even of 60,000 %s', (_, header) => {
    const start = performance.now()
    parseChallenges(header)
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('a header without end', () => {
  it('is read in a bounded beginning of each line, and of the lines', () => {
    expect(parseChallenges('Bearer '.repeat(1_000_000)).length).toBeLessThan(5_000)
    expect(parseChallenges(Array.from({ length: 10_000 }, () => 'Bearer'))).toHaveLength(50)
  })
})
