import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assertTrusted } from '../../../../src/stores/keyring/keyring-process.js'

const isRoot = process.geteuid?.() === 0
const NOBODY = 65_534

let root: string
/** Where Node has found the library, in the folder of a program. */
let found: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokenward-library-'))
  found = put(join(root, 'program/node_modules/@napi-rs/keyring/index.js'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe.skipIf(process.platform === 'win32')('the library that asks the keyring', () => {
  it('is loaded where nobody else can write', () => {
    expect(() => assertTrusted(found, 'load')).not.toThrow()
    put(join(root, 'node_modules/@napi-rs/keyring-linux-x64-gnu/index.js'))
    chmodSync(root, 0o1777) // as /tmp
    expect(() => assertTrusted(found, 'load')).not.toThrow()
  })

  it.each(['.', '../..', '../../..'])('is not where anybody can write in its %s', (above) => {
    chmodSync(join(dirname(found), above), 0o777)
    expect(() => assertTrusted(found, 'load')).toThrow(/other users can write in/)
  })

  it('is not where anybody could add a part of it further up', () => {
    const planted = put(join(root, 'node_modules/@napi-rs/keyring-linux-x64-gnu/index.js'))
    chmodSync(join(dirname(planted), '..'), 0o777)
    expect(() => assertTrusted(found, 'load')).toThrow(/other users can write in/)
  })

  // The library asks for its prebuilt part by name: where npm left it out, Node looks further up.
  it.skipIf(!isRoot)('is not where another user has put a part of it further up', () => {
    const planted = put(join(root, 'node_modules/@napi-rs/keyring-linux-x64-gnu/index.js'))
    chownSync(dirname(planted), NOBODY, NOBODY)
    expect(() => assertTrusted(found, 'load')).toThrow(dirname(planted))
  })

  it.skipIf(!isRoot)('is not where it is another user’s', () => {
    chownSync(found, NOBODY, NOBODY)
    expect(() => assertTrusted(found, 'load')).toThrow(/other users can write in/)
  })
})

function put(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  return path
}
