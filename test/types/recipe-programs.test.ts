import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withPrograms } from '../recipes/support/printed.js'
import { ROOT } from './support/compile.js'

const RECIPES = `${ROOT}docs/recipes/`
const PROGRAMS = 'docs/examples/recipes/'
const FOLDERS = ['src', 'next']

const pages = readdirSync(RECIPES).map(
  (name) => [name, readFileSync(RECIPES + name, 'utf8')] as const,
)

describe('the programs of the recipes', () => {
  it.each(pages)('in %s are those that are tested: else `npm run docs:recipes`', (_, text) => {
    expect(text).toBe(withPrograms(text))
  })

  const files = FOLDERS.flatMap((folder) =>
    readdirSync(ROOT + PROGRAMS + folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${PROGRAMS}${folder}/${name}`),
  )
  it.each(files)('%s is printed in a page', (file) => {
    expect(pages.some(([, text]) => text.includes(`<!-- ${file} -->`))).toBe(true)
  })
})
