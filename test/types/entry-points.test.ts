import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENTRY_POINTS } from '../../entry-points.js'
import { ROOT } from './support/compile.js'

function read(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(ROOT + path, 'utf8')) as Record<string, unknown>
}

/** The two that cannot read the list themselves. */
describe('the list of entry points', () => {
  it('is what package.json exports', () => {
    const { './package.json': _, ...exports } = read('package.json').exports as Record<string, object> // prettier-ignore
    const expected = Object.keys(ENTRY_POINTS).map((name) => {
      const file = name.slice(1) || 'index'
      const of = (js: string, types: string) => ({
        types: `./dist/${file}.${types}`,
        default: `./dist/${file}.${js}`,
      })
      return [`.${name}`, { import: of('js', 'd.ts'), require: of('cjs', 'd.cts') }]
    })
    expect(exports).toEqual(Object.fromEntries(expected))
  })

  it('is what the compiler of the tests knows', () => {
    const { paths } = read('test/tsconfig.json').compilerOptions as { paths: object }
    const expected = Object.entries(ENTRY_POINTS).map(([name, file]) => [
      `tokenward${name}`,
      [`../src/${file}`],
    ])
    expect(paths).toMatchObject(Object.fromEntries(expected))
  })
})
