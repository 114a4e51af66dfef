import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile, ROOT } from './support/compile.js'
import { modulesOf, pages, snippetsOf, type Snippet } from './support/snippets.js'

/** Pages about packages of other tests: their snippets are compiled beside those. */
const FOLDERS: Record<string, string> = {
  'docs/guide/clients.md': 'test/clients',
  'docs/guide/mcp.md': 'test/clients',
  'docs/guide/cli.md': 'test/bundles',
}

/** Without the packages of its folder (see CONTRIBUTING), a page is left out. */
function canBeCompiled({ page }: Snippet): boolean {
  const folder = FOLDERS[page]
  const isThere = folder === undefined || existsSync(`${ROOT}${folder}/node_modules`)
  return isThere || process.env.TOKENWARD_REQUIRE_ALL !== undefined
}

const PRELUDE = `${ROOT}test/types/snippet-prelude.d.ts`

/** @returns what the compiler says of each snippet, by page and line; of the prelude, if it does */
function flawsOf(snippets: readonly Snippet[]): string[] {
  const virtual = new Map<string, string>()
  const byFile = new Map<string, Snippet>()
  for (const page of new Set(snippets.map((snippet) => snippet.page))) {
    const own = snippets.filter((snippet) => snippet.page === page)
    for (const [index, code] of modulesOf(own).entries()) {
      const snippet = own[index]
      if (!snippet) continue
      const folder = FOLDERS[page] ?? 'test/types'
      const file = `${folder}/snippet-${byFile.size}.ts`
      byFile.set(file, snippet)
      virtual.set(ROOT + file, code)
    }
  }
  return compile([PRELUDE], virtual).map(({ file, line, message }) => {
    const snippet = byFile.get(file)
    // The first line of the module holds the inherited imports.
    return snippet
      ? `${snippet.page}:${snippet.line + line - 2} ${message}`
      : `${file}:${line} ${message}`
  })
}

describe('the TypeScript in README.md and docs/', () => {
  const snippets = pages().flatMap((page) => snippetsOf(page))

  it('compiles', () => {
    expect(flawsOf(snippets.filter(canBeCompiled))).toEqual([])
  })

  it.runIf(pages().includes('README.md'))('stands in the README, too', () => {
    expect(snippets.some(({ page }) => page === 'README.md')).toBe(true)
  })
})

describe('a flaw in a snippet', () => {
  const page = (...lines: string[]) => snippetsOf('page.md', lines.join('\n'))

  it('is told by page and line', () => {
    const snippets = page(
      '# Title',
      '',
      '```ts',
      'const good = 1',
      'const bad: string = good',
      '```',
    )
    expect(flawsOf(snippets)).toEqual([expect.stringMatching(/^page\.md:5 .*not assignable/)])
  })

  it('is a name that nobody declared', () => {
    const snippets = page('```ts', 'await atachTokens(api, tokens)', '```')
    expect(flawsOf(snippets)).toEqual([expect.stringContaining('page.md:2 ')])
  })

  it('is none in JavaScript, nor in a name that an earlier snippet imported', () => {
    const snippets = page(
      '```ts',
      "import axios from 'axios'",
      "import { fixedToken as fixed, type TokenSource } from 'tokenward'",
      "import * as core from 'tokenward'",
      '```',
      '```ts',
      "const source: TokenSource = fixed('a-token') satisfies core.TokenSource",
      'axios.create({ tokens: source })',
      '```',
      '```js',
      'not(JavaScript',
      '```',
    )
    expect(snippets).toHaveLength(2)
    expect(flawsOf(snippets)).toEqual([])
  })
})
