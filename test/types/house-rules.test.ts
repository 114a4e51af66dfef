import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/compile.js'

const RULES = ['tokenward/dependency-direction', 'no-restricted-syntax']

const eslint = new ESLint({ cwd: ROOT, ruleFilter: ({ ruleId }) => RULES.includes(ruleId) })

/** @returns what lint says of this code, were it the file's */
async function lint(filePath: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath: ROOT + filePath })
  return results.flatMap(({ messages }) => messages.map(({ message }) => message))
}

describe('an import against the direction', () => {
  it.each([
    ['src/tokens/expiry.ts', '../http/retry-after.js'],
    ['src/session/transaction.ts', '../http/token-answer.js'],
    ['src/session/transaction.ts', '../token-manager.js'],
    ['src/stores/memory.ts', '../session/transaction.js'],
    ['src/http/token-answer.ts', '../oauth/index.js'],
    ['src/http/axios.ts', '../token-manager.js'],
    ['src/http/fetch.ts', './axios/target.js'],
    ['src/http/fetch/hop.ts', 'axios'],
    ['src/http/rejection.ts', './fetch/hop.js'],
    ['src/oauth/grant.ts', '../session/transaction.js'],
    ['src/oauth/grant.ts', '../options.js'],
    ['src/token-source.ts', './http/axios.js'],
    ['src/errors.ts', './clock/elsewhere.js'],
    ['src/index.ts', './oauth/index.js'],
    ['src/http/token-answer.ts', 'axios'],
    ['src/token-manager.ts', 'node:events'],
    ['src/token-manager.ts', 'events'],
    ['src/testing/index.ts', 'msw'],
    ['src/testing/providers/slack.ts', '../../providers/slack.js'],
    ['src/providers/slack.ts', '../http/retry-after.js'],
  ])('of %s is refused: %s', async (file, name) => {
    const refused = [expect.stringContaining(`may not import ${name}`)]
    expect(await lint(file, `import { it } from '${name}'`)).toEqual(refused)
    expect(await lint(file, `export { it } from '${name}'`)).toEqual(refused)
    expect(await lint(file, `export * from '${name}'`)).toEqual(refused)
    expect(await lint(file, `export const it = import('${name}')`)).toEqual(refused)
    expect(await lint(file, `export type It = import('${name}').It`)).toEqual(refused)
  })
})

describe('an import along the direction', () => {
  it.each([
    ['src/session/transaction.ts', '../tokens/token-set.js'],
    ['src/session/transaction.ts', './refresh.js'],
    ['src/renewal.ts', './http/token-answer.js'],
    ['src/http/axios.ts', 'axios'],
    ['src/tokens/expiry.ts', 'jwt-decode'],
    ['src/oauth/grants/refresh-token.ts', '../grant.js'],
  ])('of %s is let through: %s', async (file, name) => {
    expect(await lint(file, `export { it } from '${name}'`)).toEqual([])
  })
})

describe('other rules of the house', () => {
  it.each([
    ['a default export', 'export default 1'],
    ['a clock kept at import', 'export const clock = { now: Date.now }'],
    ['a clock taken apart', 'const { now } = Date'],
    ['a timer kept at import', 'const later = setTimeout'],
    ['the time of the import', 'export const startedAt = Date.now()'],
  ])('refuse %s', async (_, code) => {
    expect(await lint('src/clock.ts', code)).toHaveLength(1)
  })

  it('let through a clock that is looked up when called', async () => {
    expect(await lint('src/clock.ts', 'export const now = () => Date.now()')).toEqual([])
  })
})
