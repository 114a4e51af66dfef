import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const GUIDE = new URL('../../../docs/guide/oauth.md', import.meta.url)

/** Client authentication, grant, server, test, and where it is. */
const rows = readFileSync(GUIDE, 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.some((cell) => cell.includes('test/real/')))
  .map(([, method = '', grant = '', server = '', test = '', link = '']) => ({
    method: method.replaceAll('`', ''),
    grant,
    server,
    test,
    path: /\((.+)\)/.exec(link)?.[1] ?? '',
  }))

describe('the table of what was tested against what', () => {
  it('has rows of both servers', () => {
    expect(new Set(rows.map(({ server }) => server))).toEqual(
      new Set(['oidc-provider', 'glewlwyd']),
    )
  })

  it.each(rows)('$method, $grant, $server: names a test that is there', (row) => {
    const source = readFileSync(fileURLToPath(new URL(row.path, GUIDE)), 'utf8')
    const names = row.test.split(' › ')
    for (const name of names) {
      const asWritten = [name, name.replace(row.method, '%s')]
      expect(asWritten.some((each) => source.includes(each))).toBe(true)
    }
    expect(source).toContain(row.method)
    expect(source).toContain(`/support/${row.server === 'glewlwyd' ? 'glewlwyd' : 'oidc'}/`)
  })
})
