import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Markdown of the repository that is no page: notes for those who work on the tests. */
export const NO_PAGES = ['src/**', 'test/**', 'coverage/**']

/** Where a file's page stands in the site: `docs/guide/axios.md` is `guide/axios.md`. */
export function pageOf(file: string): string {
  if (file === 'README.md') return 'start.md'
  return file
    .replace(/^(docs|site\/generated|site)\//, '')
    .replace(/(^|\/)README\.md$/, '$1index.md')
}

/** A folder that has a page on the site alone. */
const LISTED_FOLDER = 'docs/decisions'

/**
 * Where a link leads that Markdown has for readers of the repository.
 *
 * @param file the page, from the root of the repository
 * @returns an address in the site, or `undefined` for what is no page of it: code, and folders
 */
export function addressOf(link: string, file: string): string | undefined {
  const [path = '', hash] = link.split('#')
  const target = normalize(join(dirname(file), decodeURI(path))).replace(/\/$/, '')
  const page = target.endsWith('.md') ? target : `${target}/README.md`
  const isPage = target === LISTED_FOLDER || existsSync(join(ROOT, page))
  if (!isPage || /^(src|test)\//.test(page)) return undefined
  const address = `/${pageOf(page).replace(/(index)?\.md$/, '')}`
  return hash === undefined ? address : `${address}#${hash}`
}
