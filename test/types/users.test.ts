import { readdirSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { compile, ROOT, sayFlaw, type Flaw } from './support/compile.js'

const FOLDER = 'test/types/users'
const users = readdirSync(ROOT + FOLDER).map((name) => `${FOLDER}/${name}`)

describe('the code of each kind of user', () => {
  let flaws: Flaw[]
  beforeAll(() => {
    flaws = compile(users.map((file) => ROOT + file))
  })

  it.each(users)('%s compiles', (user) => {
    expect(flaws.filter(({ file }) => file === user).map(sayFlaw)).toEqual([])
  })

  it('compiles without a complaint elsewhere', () => {
    expect(flaws.filter(({ file }) => !users.includes(file)).map(sayFlaw)).toEqual([])
  })
})
