import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from './support/compile.js'
import { pages } from './support/snippets.js'

/** @returns the links of a page to files of this repository that are not there */
function deadLinks(page: string, markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '')
  return links.filter((link) => {
    const [path] = link.split('#')
    return path && !/^\w+:/.test(link) && !existsSync(join(ROOT, dirname(page), path))
  })
}

it.each(pages())('%s links to what there is', (page) => {
  expect(deadLinks(page, readFileSync(ROOT + page, 'utf8'))).toEqual([])
})

it('a dead link is seen', () => {
  expect(deadLinks('docs/guide/axios.md', 'See [fetch](fetch.md), [x](gone.md#y).')).toEqual([
    'gone.md#y',
  ])
})
