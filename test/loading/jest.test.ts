import { expect, it } from 'vitest'
import { project, runIn, toolPath } from './support/project.js'
import { RENEWED, userProgram } from './support/user-program.js'

const required = userProgram((local, name) => `const ${local} = require('${name}')`)
const imported = userProgram((local, name) => `import * as ${local} from '${name}'`)

/** Jest takes everything for CommonJS, and no module of Node's own loads for it. */
const TEST = `
test('a session is renewed', async () => {
  const path = require('node:path').join(__dirname, 'state', 'session.json')
  expect(await renew(path)).toEqual(${JSON.stringify(RENEWED)})
}, 60_000) // a cold start on a busy machine
`

const babelPreset = [toolPath('@babel/preset-env'), { targets: { node: 'current' } }]
const tsOptions = {
  module: 'commonjs',
  moduleResolution: 'node10',
  target: 'es2022',
  allowJs: true,
  checkJs: false,
  strict: true,
  types: ['node', 'jest'],
  typeRoots: [toolPath('@types/jest/package.json').replace(/jest\/package\.json$/, '')],
}

const KINDS: Record<string, { file: string; code: string; transform: object }> = {
  Jest: { file: 'session.test.js', code: required, transform: {} },
  'ts-jest': {
    file: 'session.test.ts',
    code: `// @ts-nocheck\n${imported}`,
    transform: { '\\.ts$': [toolPath('ts-jest'), { tsconfig: tsOptions, diagnostics: true }] },
  },
  'babel-jest': {
    file: 'session.test.js',
    code: imported,
    transform: { '\\.js$': [toolPath('babel-jest'), { presets: [babelPreset] }] },
  },
}

it.each(Object.keys(KINDS))('%s loads every entry, and renews a session', async (name) => {
  const { file, code, transform } = KINDS[name]!
  const folder = project(`with-${name}`, 'commonjs', { [file]: code + TEST })
  const config = JSON.stringify({ rootDir: folder, transform, testEnvironment: 'node' })
  const jest = toolPath('jest/bin/jest')
  expect(await runIn(folder, jest, '--config', config, '--watchman=false')).toMatchObject({
    code: 0,
    output: expect.stringContaining('1 passed') as string,
  })
})
