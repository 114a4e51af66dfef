import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/compile.js'

const RECIPES = `${ROOT}docs/recipes/`

/** A program in a page, and the file that it is: a comment before the fence names it. */
const PROGRAM = /<!-- (docs\/\S+) -->\n\n```ts\n(.*?)^```/gms

const programs = readdirSync(RECIPES).flatMap((page) =>
  [...readFileSync(RECIPES + page, 'utf8').matchAll(PROGRAM)].map(
    ([, file = '', code]) => [page, file, code] as const,
  ),
)

describe('a program in a recipe', () => {
  it('is there', () => expect(programs.map(([page]) => page)).toContain('express.md'))

  it.each(programs)('of %s is the one that is tested: %s', (_, file, code) => {
    expect(code).toBe(readFileSync(ROOT + file, 'utf8'))
  })
})
