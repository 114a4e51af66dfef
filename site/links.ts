import { relative } from 'node:path/posix'
import type { MarkdownRenderer } from 'vitepress'
import { addressOf, ROOT } from './pages.js'

/**
 * Turns links between files of the repository into links between pages. What is no page (source,
 * tests) is no link on the site: there it is named, with its path.
 */
export function linksBetweenPages(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('links-between-pages', ({ tokens, env }) => {
    const { realPath, path } = env as { realPath?: string; path: string }
    const file = relative(ROOT, realPath ?? path)
    for (const { children } of tokens) {
      const open: boolean[] = []
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const link = token.attrGet('href') ?? ''
          const isOurs = !/^(\w+:|#|\/)/.test(link)
          const address = isOurs ? addressOf(link, file) : link
          open.push(address !== undefined)
          if (address !== undefined) token.attrSet('href', address)
          else {
            token.type = 'file_open'
            token.tag = 'span'
            token.attrs = [
              ['class', 'file'],
              ['title', link.replace(/^(\.\.\/)+/, '')],
            ]
          }
        } else if (token.type === 'link_close' && open.pop() === false) {
          token.type = 'file_close'
          token.tag = 'span'
        }
      }
    }
  })
}

/** The anchor of a heading as in the repository, so that a link fits in both places. */
export function githubSlug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}
