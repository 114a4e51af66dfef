import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TSC = `${ROOT}node_modules/typescript/bin/tsc`

/** A fresh project with the code of each kind of user, on the packed types. */
function project(name: string, type: 'module' | 'commonjs', compilerOptions: object): string {
  const folder = `${inject('full')}/${name}`
  mkdirSync(folder, { recursive: true }) // it is there when it is tried again
  cpSync(`${ROOT}test/types/users`, folder, { recursive: true })
  writeFileSync(`${folder}/package.json`, JSON.stringify({ type }))
  const options = {
    target: 'ES2022',
    strict: true,
    noEmit: true,
    types: ['node'],
    ...compilerOptions,
  }
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions: options }))
  return folder
}

/** @returns what tsc prints: nothing, if all is well */
function tsc(folder: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [TSC, '-p', folder], { cwd: folder }, (_, stdout) => resolve(stdout))
  })
}

const NODE_ONLY = ['ES2022', 'ESNext.Disposable']
const WITH_DOM = [...NODE_ONLY, 'DOM', 'DOM.Iterable']

describe('users compile against the packed types', () => {
  it.concurrent.each([
    ['ESM on Node', 'module', { module: 'NodeNext', lib: NODE_ONLY, skipLibCheck: false }],
    ['CommonJS on Node', 'commonjs', { module: 'NodeNext', lib: NODE_ONLY, skipLibCheck: false }],
    [
      'CommonJS of the old resolution, as of NestJS', // which knows no `exports`
      'commonjs',
      { module: 'CommonJS', moduleResolution: 'Node10', esModuleInterop: true, lib: NODE_ONLY, skipLibCheck: true }, // prettier-ignore
    ],
    [
      'exact optional properties',
      'module',
      { module: 'NodeNext', lib: WITH_DOM, skipLibCheck: true, exactOptionalPropertyTypes: true },
    ],
    [
      'a bundler',
      'module',
      { module: 'ESNext', moduleResolution: 'Bundler', lib: WITH_DOM, skipLibCheck: false },
    ],
  ] as const)('%s', async (name, type, options) => {
    const folder = project(name.replace(/\W+/g, '-'), type, options)
    expect(await tsc(folder)).toBe('')
  })
})
