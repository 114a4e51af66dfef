import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { deadLinks } from '../links/dead-links.js'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'links-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** `npm run check:links` looks at the repository's own pages: here is seen that it can fail. */
it('finds links and pictures whose file is missing, and links to headings that are missing', async () => {
  writeFileSync(join(folder, 'fetch.md'), '# fetch\n\n## Known limits, `and` others\n')
  writeFileSync(
    join(folder, 'axios.md'),
    [
      '# axios',
      '[there](fetch.md), [its heading](fetch.md#known-limits-and-others), [here](#axios)',
      '[gone](gone.md)',
      '![gone](gone.svg)',
      '[no such heading](fetch.md#unknown-limits)',
      '[nor here](#axos)',
      '`[no link](gone.md)`, [elsewhere](https://example.com/gone)',
    ].join('\n'),
  )

  const dead = await deadLinks(['axios.md', 'fetch.md'], folder)

  expect(dead.map((line) => line.replace(/^(\S+).*?(`.*?`).*$/, '$1 $2')).sort()).toEqual([
    'axios.md:3 `gone.md`',
    'axios.md:4 `gone.svg`',
    'axios.md:5 `#unknown-limits`',
    'axios.md:6 `#axos`',
  ])
})
