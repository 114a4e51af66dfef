/** Every link of the repository's Markdown to a file of it, and to a heading. */
import { execFileSync } from 'node:child_process'
import { deadLinks } from './dead-links.js'

/** Its links are those of docs/providers.md, which is made from it. */
const NO_PAGE = 'test/providers/docs-frame.md'

/** What is, or will be, under version control. */
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((page) => page !== NO_PAGE)

const dead = await deadLinks(pages, process.cwd())
for (const link of dead) console.error(link)
console.log(`links: ${dead.length} lead nowhere, in ${pages.length} files`)
if (dead.length > 0) process.exitCode = 1
