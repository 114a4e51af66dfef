import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'

const PAGE = readFileSync(new URL('../../docs/guide/clients.md', import.meta.url), 'utf8')
const ROW = /^\| `([^`]+)` +\| (\d[\w.-]*) +\|/gm
const rows = [...PAGE.matchAll(ROW)].map(([, name = '', version]) => ({ name, version }))

/** A test file is called as its package is, but for a scope that says no more. */
const FILES: Record<string, string> = {
  '@apollo/client': 'apollo',
  '@azure/core-rest-pipeline': 'azure',
  '@grpc/grpc-js': 'grpc',
  '@modelcontextprotocol/sdk': 'mcp',
  '@nestjs/axios': 'nestjs-axios',
  '@octokit/core': 'octokit',
  '@urql/core': 'urql',
}

describe('docs/guide/clients.md', () => {
  it('counts the clients in its table', () => {
    expect(PAGE).toContain(`**${rows.length} clients tried**`)
  })

  it.each(rows)('says which version of $name was tried, and a test tries it', (row) => {
    const require = createRequire(import.meta.url)
    const folders = require.resolve.paths(row.name) ?? []
    const file = folders.map((folder) => `${folder}/${row.name}/package.json`).find(existsSync)
    const { version } = JSON.parse(readFileSync(file!, 'utf8')) as { version: string }
    expect(row.version).toBe(version)
    const test = new URL(`./${FILES[row.name] ?? row.name}.test.ts`, import.meta.url)
    expect(readFileSync(test, 'utf8')).toContain(`from '${row.name}`)
  })
})
