import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { ENTRY_POINTS } from '../entry-points.js'
import { githubSlug } from './links.js'
import { ROOT } from './pages.js'

/** What TypeDoc calls each entry, by its file, and what users import it by. */
const PUBLIC_NAMES = new Map(
  Object.entries(ENTRY_POINTS).map(([name, file]) => [
    file.replace(/(?<=.)(\/index)?\.ts$/, ''),
    `tokenward${name}`,
  ]),
)

const MARKDOWN: Partial<PluginOptions> = {
  entryFileName: 'index',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  parametersFormat: 'table',
  useCodeBlocks: true,
  expandObjects: true,
}

/** Writes a page for everything that is exported, from its docstring. */
export async function writeApiReference(folder: string): Promise<void> {
  const app = await Application.bootstrapWithPlugins({
    entryPoints: Object.values(ENTRY_POINTS).map((file) => `${ROOT}src/${file}`),
    tsconfig: `${ROOT}tsconfig.json`,
    plugin: ['typedoc-plugin-markdown'],
    router: 'module', // a page an entry: one for each name would triple the build
    name: 'API reference',
    readme: 'none',
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    excludeExternals: true,
    disableSources: true,
    skipErrorChecking: true, // `npm run check:types` does that
    logLevel: 'Error',
    ...MARKDOWN,
  })
  const project = await app.convert()
  if (!project) throw new Error('TypeDoc could not read the source')
  for (const module of project.children ?? []) {
    module.name = PUBLIC_NAMES.get(module.name) ?? module.name
  }
  await app.outputs.writeOutput({ name: 'markdown', path: folder }, project)
  if (app.logger.hasErrors()) throw new Error('TypeDoc failed: see above')
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  )) {
    const page = join(folder, file)
    writeFileSync(page, withRealAnchors(withoutTags(readFileSync(page, 'utf8'))))
  }
}

/** To TypeDoc, a modifier such as `@public` that follows an example is a part of the example. */
function withoutTags(text: string): string {
  return text.replace(/\n+@public$/gm, '')
}

/**
 * TypeDoc numbers an anchor where a member has the same letters (`TokenError.code` and
 * `TokenErrorCode`), although only headings have anchors on the page.
 */
function withRealAnchors(text: string): string {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => githubSlug(title))
  return text.replace(/\]\(#([\w-]+)-\d+\)/g, (link, name: string) =>
    headings.filter((heading) => heading === name).length === 1 ? `](#${name})` : link,
  )
}
