import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as errors from '../../src/errors.js'
import { ENTRY_POINTS } from '../../entry-points.js'
import { ROOT } from './support/compile.js'

const SITE = join(ROOT, 'site/.vitepress/dist')
const isInstalled = existsSync(join(ROOT, 'site/node_modules'))

/** Of the package that the site's search is made with. */
interface Index {
  search(query: string, options: object): { id: string; title: string }[]
}

function files(ending: string): string[] {
  const all = readdirSync(SITE, { recursive: true, encoding: 'utf8' })
  return all.filter((file) => file.endsWith(ending)).sort()
}

function read(file: string): string {
  return readFileSync(join(SITE, file), 'utf8')
}

/** The index as the site's own search box loads it, with the options that it gives it. */
async function searchIndex(): Promise<Index> {
  const [chunk = ''] = files('.js').filter((file) => file.includes('localSearchIndexroot'))
  const { default: json } = await import(join(SITE, chunk))
  const path = createRequire(join(ROOT, 'site/package.json')).resolve('minisearch')
  const { default: MiniSearch } = await import(path)
  const fields = ['title', 'titles', 'text']
  return MiniSearch.loadJSON(json, { fields, storeFields: ['title', 'titles'] })
}

/** @returns the links of a page, to pages and places of this site, that lead nowhere */
function deadLinks(file: string, idsOf: (file: string) => Set<string> | undefined): string[] {
  const links = [...read(file).matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, link = '']) => link)
  return [...new Set(links)].filter((link) => {
    if (/^\w+:/.test(link)) return false
    const { pathname, hash } = new URL(link, `http://site/${file.replace(/\.html$/, '')}`)
    if (/\.\w+$/.test(pathname)) return !existsSync(join(SITE, pathname))
    const page = pathname.endsWith('/') ? `${pathname}index` : pathname
    const ids = idsOf(`${page.slice(1)}.html`)
    return !ids || (hash !== '' && !ids.has(decodeURIComponent(hash.slice(1))))
  })
}

/** Without the site's packages (`npm ci --prefix site`) there is nothing to build it with. */
describe.runIf(isInstalled || process.env.TOKENWARD_REQUIRE_ALL)('the docs as a site', () => {
  beforeAll(() => {
    execFileSync('npm', ['run', 'docs'], { cwd: ROOT, stdio: 'pipe' })
  }, 580_000)

  it('has no link that leads nowhere', () => {
    const pages = files('.html')
    const ids = new Map(
      pages.map((file) => [
        file,
        new Set([...read(file).matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)),
      ]),
    )
    const dead = pages.flatMap((file) =>
      deadLinks(file, (target) => ids.get(target)).map((link) => `${file}: ${link}`),
    )
    expect(dead).toEqual([])
  })

  it('finds the page of every error by its code, and of everything exported by its name', async () => {
    const index = await searchIndex()
    const codes = Object.values(errors).flatMap((value) => codeOf(value))
    const entries = await Promise.all(
      Object.values(ENTRY_POINTS).map(
        (file) => import(/* @vite-ignore */ `../../src/${file}`) as Promise<object>,
      ),
    )
    const names = entries.flatMap((entry) => Object.keys(entry))
    expect(names.length).toBeGreaterThan(50)
    const unfound = [...codes, ...names].filter((name) => {
      const hits = index.search(name, { fuzzy: 0.2, prefix: true, boost: { title: 4, titles: 1 } })
      return !hits.slice(0, 5).some(({ title }) => title.replace(/^abstract |\(\)$/g, '') === name)
    })
    expect(unfound).toEqual([])
  })
})

function codeOf(value: unknown): string[] {
  const source = typeof value === 'function' ? String(value) : ''
  return [...source.matchAll(/code = ["'](ERR_\w+)["']/g)].map(([, code = '']) => code)
}
