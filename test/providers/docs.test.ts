import { readFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { expect, it } from 'vitest'
import { docsPage, PAGE } from './docs-page.js'
import { PRESETS } from './presets.js'

it('docs/providers.md is what the presets say: npm run docs:providers', async () => {
  const options = await resolveConfig(PAGE)
  const page = await format(docsPage(), { ...options, filepath: PAGE })
  expect(readFileSync(PAGE, 'utf8')).toBe(page)
})

it('has a section of every preset, with the call that was tested', () => {
  const page = readFileSync(PAGE, 'utf8')
  for (const { provider } of PRESETS) expect(page).toContain(`### ${provider.name}`)
  expect(page).not.toContain('undefined')
})
