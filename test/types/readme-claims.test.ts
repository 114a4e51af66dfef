import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ROOT } from './support/compile.js'

const README = readFileSync(`${ROOT}README.md`, 'utf8')
/** What shows that a claim is true: a test, or a row of the benchmarks. */
const EVIDENCE = /\]\((test\/[^)]+\.ts|docs\/benchmarks\.md#[^)]+)\)/g

const evidenceOf = (text: string) => [...text.matchAll(EVIDENCE)].map(([, target = '']) => target)

it('every benefit links to the test or the benchmark that shows it', () => {
  const [, list = ''] = /does this work for you:\n\n((?:- .*\n)+)/.exec(README) ?? []
  const benefits = list.trim().split('\n')
  expect(benefits.length).toBeGreaterThan(4)
  expect(benefits.filter((benefit) => evidenceOf(benefit).length === 0)).toEqual([])
})

it('every guarantee links to its own file of tests, and none is left out', () => {
  const [, table = ''] = /## What it guarantees\n([\s\S]*?)\n## /.exec(README) ?? []
  const laws = readdirSync(`${ROOT}test/behaviour`).filter((name) => /^\d\d-/.test(name))
  const linked = [...table.matchAll(/\| *\[(\d+)\]\(test\/behaviour\/([^)]+)\)/g)]
  expect(linked.map(([, , name]) => name)).toEqual(laws.sort())
  for (const [, number = '', name = ''] of linked) expect(Number(name.slice(0, 2))).toBe(+number)
})

it('what a claim links to is there', () => {
  const files = evidenceOf(README).map((target) => target.split('#')[0]!)
  expect(files.filter((file) => !existsSync(ROOT + file))).toEqual([])
})

it('"More" names each page once', () => {
  const [, more = ''] = /\n## More\n([\s\S]*)$/.exec(README) ?? []
  const pages = [...more.matchAll(/\]\(([^)]+)\)/g)].map(([, page]) => page)
  expect(pages.length).toBeGreaterThan(30)
  expect(pages.filter((page, index) => pages.indexOf(page) !== index)).toEqual([])
})
