import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ACTS } from '../demo/acts.js'
import { drawings } from '../pictures/drawings.js'
import { TYPED } from '../pictures/typed.js'
import { ROOT } from './support/compile.js'

/** All that begins with `<` in these pictures. */
const TAG = /<(\/?)([a-zA-Z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g

const picture = (name: string) => readFileSync(`${ROOT}docs/images/${name}.svg`, 'utf8')

it.each(Object.entries(drawings()))('docs/images/%s.svg is up to date', (name, drawn) => {
  expect(picture(name) === drawn, 'npm run docs:pictures').toBe(true)
})

it('docs/images/demo.svg was recorded with the acts of today, and all went well', () => {
  const titles = [...picture('demo').matchAll(/class="title"[^>]*>[a-f] {2}([^<]+)</g)]
  expect(titles.map(([, title]) => title)).toEqual(ACTS.map(({ title }) => title))
  expect(picture('demo').match(/>ok {2}requests/g)).toHaveLength(ACTS.length)
})

it('docs/images/example-cli.svg was recorded with the example CLI, and its README shows it', () => {
  const svg = picture('example-cli')
  const typed = [...svg.matchAll(/class="strong"[^>]*>\$ ([^<]+)</g)]
  expect(typed.map(([, line]) => line)).toEqual(TYPED)
  expect(svg).toContain('>Logged in as ada@acme.example. Profile: default<')
  expect(svg).not.toMatch(/127\.0\.0\.1|localhost|at file:/)
  const readme = readFileSync(`${ROOT}docs/examples/cli/README.md`, 'utf8')
  expect(readme).toContain('](../../images/example-cli.svg)')
})

it.each(['demo', 'example-cli', ...Object.keys(drawings())])(
  'docs/images/%s.svg is well-formed',
  (name) => {
    const tags = [...picture(name).matchAll(TAG)]
    const open: string[] = []
    for (const [, end, tag, selfClosed] of tags) {
      if (end) expect(open.pop()).toBe(tag)
      else if (!selfClosed) open.push(tag!)
    }
    expect(open).toEqual([])
    expect(picture(name).match(/</g)).toHaveLength(tags.length)
  },
)
