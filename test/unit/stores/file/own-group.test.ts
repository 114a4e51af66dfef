import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isGroupOf } from '../../../../src/stores/file/own-group.js'
import { isRoot } from './support/as-nobody.js'

const users = `root:x:0:0:root:/root:/bin/bash
me:x:1000:1003::/home/me:/bin/sh
colleague:x:1001:100::/home/colleague:/bin/sh
other:x:1002:1002::/home/other:/bin/sh`
const groups = `root:x:0:
users:x:100:
me:x:1003:
shared:x:1004:me
team:x:1000:other
other:x:1002:me`

describe('a group that can write a folder', () => {
  it.each([
    ['of the same name, with nobody else in it', 1000, 1003],
    ['of root', 1000, 0],
    ['of the same number, where nobody is listed', 4711, 4711],
  ])('is the user’s own: %s', (_, uid, gid) => {
    expect(isGroupOf([uid], gid, { users, groups })).toBe(true)
  })

  it.each([
    ['everybody’s, whose first group it is', 1000, 100],
    ['of another name', 1000, 1004],
    ['of the same number, with somebody else in it', 1000, 1000],
    ['of the same name, with somebody else in it', 1002, 1002],
    ['in no list', 1000, 4711],
  ])('is not: one %s', (_, uid, gid) => {
    expect(isGroupOf([uid], gid, { users, groups })).toBe(false)
  })

  it('says nothing by its name where there are no lists', () => {
    expect(isGroupOf([1000], 1000, { users: '', groups: '' })).toBe(true)
    expect(isGroupOf([1000], 1003, { users: '', groups: '' })).toBe(false)
  })
})

// `nobody` is of the group 65534, and could put an older file in the place of a newer one.
describe.skipIf(!isRoot)('a folder that a group can write which others are in', () => {
  const shared = 65_534
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tokenward-own-group-'))
    chownSync(folder, 0, shared)
    chmodSync(folder, 0o770)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is not used, although it is the first group of this user too', async () => {
    const path = join(folder, 'session.json')
    const session = { sessionId: 'a', version: 1, tokens: null }
    writeFileSync(path, JSON.stringify({ tokenward: 1, session }), { mode: 0o600 })
    process.setegid!(shared)
    try {
      await expect(fileStore({ path }).load()).rejects.toThrow(/Other users can change what is in/)
    } finally {
      process.setegid!(0)
    }
  })
})
