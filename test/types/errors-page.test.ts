import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ROOT } from './support/compile.js'

const page = readFileSync(`${ROOT}docs/errors.md`, 'utf8')
const folder = `${ROOT}src/errors/`

/** Each code, with the name of its class and the words that say more: reasons, outcomes. */
const ERRORS = readdirSync(folder).flatMap((file) => {
  const source = readFileSync(folder + file, 'utf8')
  const code = /extends TokenError<'(\w+)'>/.exec(source)?.[1]
  if (!code) return [] // the base class
  const name = /export class (\w+)/.exec(source)?.[1] ?? ''
  const union =
    /readonly (?:reason|outcome):([^\n]*(?:\n +(?:\||')[^\n]*)*)/.exec(source)?.[1] ?? ''
  return [{ code, name, words: [...union.matchAll(/'([\w-]+)'/g)].map(([, word = '']) => word) }]
})

const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section]),
)

it('docs/errors.md has a section for every code, and for no other', () => {
  expect(ERRORS.length).toBeGreaterThan(10)
  expect([...sections.keys()].sort()).toEqual(ERRORS.map(({ code }) => code).sort())
})

it.each(ERRORS)('$code: class, every reason, remedy and an example', ({ code, name, words }) => {
  const section = sections.get(code) ?? ''
  expect(section).toContain(`\`${name}\``)
  expect(section).toMatch(/\*\*Remedy\.\*\*|\| +remedy +\|/)
  expect(section).toContain('```')
  const rows = section.replace(/^\| `(reason|outcome)` .*/gm, '') // the head
  const told = [...rows.matchAll(/^\| `([\w-]+)` /gm)].map(([, word]) => word)
  expect(told.sort()).toEqual([...words].sort())
})
