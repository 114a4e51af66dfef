import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withPrograms } from '../recipes/support/printed.js'
import { ROOT } from './support/compile.js'

const RECIPES = `${ROOT}docs/recipes/`
const SOURCES = 'docs/examples/recipes/src/'

const pages = readdirSync(RECIPES).map(
  (name) => [name, readFileSync(RECIPES + name, 'utf8')] as const,
)

describe('the programs of the recipes', () => {
  it.each(pages)('in %s are those that are tested: else `npm run docs:recipes`', (_, text) => {
    expect(text).toBe(withPrograms(text))
  })

  it.each(readdirSync(ROOT + SOURCES))('%s is printed in a page', (file) => {
    expect(pages.some(([, text]) => text.includes(`<!-- ${SOURCES}${file} -->`))).toBe(true)
  })
})
