import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ACTS } from '../demo/acts.js'
import { drawings } from '../pictures/drawings.js'
import { ROOT } from './support/compile.js'

const picture = (name: string) => readFileSync(`${ROOT}docs/images/${name}.svg`, 'utf8')

it.each(Object.entries(drawings()))('docs/images/%s.svg is up to date', (name, drawn) => {
  expect(picture(name) === drawn, 'npm run docs:pictures').toBe(true)
})

it('docs/images/demo.svg was recorded with the acts of today, and all went well', () => {
  const titles = [...picture('demo').matchAll(/class="title"[^>]*>[a-f] {2}([^<]+)</g)]
  expect(titles.map(([, title]) => title)).toEqual(ACTS.map(({ title }) => title))
  expect(picture('demo').match(/>ok {2}requests/g)).toHaveLength(ACTS.length)
})
