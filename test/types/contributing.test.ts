import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ROOT } from './support/compile.js'

const CONTRIBUTING = readFileSync(`${ROOT}CONTRIBUTING.md`, 'utf8')
const section = (heading: string) => CONTRIBUTING.split(/^## /m).find((s) => s.startsWith(heading))

it('every folder of src and test stands in the map', () => {
  const folders = ['src', 'test'].flatMap((parent) =>
    readdirSync(ROOT + parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${parent}/${name}/`),
  )
  const named = [...(section('The map') ?? '').matchAll(/`((?:src|test)\/[\w-]+\/)`/g)]
  expect(named.map(([, folder]) => folder).sort()).toEqual(folders.sort())
})

it('what package.json does not say yet is named as to be filled in before the first publish', () => {
  const fields = ['author', 'repository', 'bugs', 'homepage']
  const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as object
  const named = fields.filter((field) => section('Publishing')?.includes(`| \`${field}\` `))
  expect(named).toEqual(fields.filter((field) => !(field in manifest)))
})
