import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Provider } from 'tokenward/oauth'
import { PRESETS, type Preset } from './presets.js'
import { samplesOf } from './samples.js'

export const PAGE = join(import.meta.dirname, '../../docs/providers.md')

/** What stands before and after what is generated. */
const FRAME = join(import.meta.dirname, 'docs-frame.md')

const REFRESH_TOKENS: Readonly<Record<NonNullable<Provider['refreshTokens']>, string>> = {
  rotated: 'rotated',
  reused: 'the same',
  none: 'none',
  'access-token': 'none: the access token is exchanged',
}

/** The page of the providers, made of the presets and of the published responses. */
export function docsPage(): string {
  const calls = presetCalls()
  const frame = readFileSync(FRAME, 'utf8')
  const table = [
    '| provider | preset | refresh tokens | client authentication | tested against |',
    '| --- | --- | --- | --- | --- |',
    ...PRESETS.map((preset) => row(preset, calls)),
  ].join('\n')
  const sections = PRESETS.map((preset) => section(preset, calls)).join('\n\n')
  return frame
    .replace('<!-- table -->', () => table)
    .replace('<!-- sections -->', () => sections)
    .replaceAll('<!-- count -->', String(PRESETS.length))
}

function row(preset: Preset, calls: ReadonlyMap<string, string>): string {
  const { name, provider } = preset
  const { samples } = samplesOf(name)
  const sources = new Set(samples.map(({ source }) => source)).size
  const cells = [
    `[${provider.name}](#${anchorOf(provider.name)})`,
    `\`${calls.get(name)}\``,
    provider.refreshTokens ? REFRESH_TOKENS[provider.refreshTokens] : 'as the server decides',
    provider.clientAuth ? `\`${provider.clientAuth}\`` : 'as the metadata say, else Basic',
    `its emulator; published responses: ${samples.length}, of sources: ${sources}`,
  ]
  return `| ${cells.join(' | ')} |`
}

function section({ name, provider }: Preset, calls: ReadonlyMap<string, string>): string {
  const { samples, disagreements } = samplesOf(name)
  const { sources = [], readOn, unsure = [] } = provider.about ?? {}
  const seen = [...new Set(samples.map(({ source }) => source))]
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [title, '', ...items.map((item) => `- ${item}`), '']
  return [
    `### ${provider.name}`,
    '',
    `\`provider: ${calls.get(name)}\`, \`createAuthorizationServer({ as: '${name}' })\``,
    '',
    ...list(`Documentation (${readOn}):`, sources.map(linked)),
    ...list('Published responses that are read as they should be:', seen.map(linked)),
    ...list('Unsure:', unsure),
    ...list('Where the sources differ:', disagreements),
  ]
    .join('\n')
    .trimEnd()
}

const linked = (source: string) => (source.startsWith('https://') ? `<${source}>` : source)

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace(/[^\w-]/g, '')
}

/** How each preset is called in the tests: what runs is what the page shows. */
function presetCalls(): ReadonlyMap<string, string> {
  const source = readFileSync(join(import.meta.dirname, 'presets.ts'), 'utf8')
  const lines = source.matchAll(/^ {2}(\w+): providers\.(.*),$/gm)
  return new Map([...lines].map(([, name, call]) => [name!, call!]))
}
