import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import remarkFrontmatter from 'remark-frontmatter'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkValidateLinks, { type Options } from 'remark-validate-links'
import { unified, type Plugin } from 'unified'
import { engine } from 'unified-engine'
import { VFile } from 'vfile'

/** @returns each link that leads to no file, or to no heading of one, with its page and line */
export async function deadLinks(pages: readonly string[], folder: string): Promise<string[]> {
  const processor = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter)
  // As the engine's own: only so does it see all pages, and the headings of others.
  const validateLinks: [plugin: Plugin<unknown[]>, options: Options] = [
    remarkValidateLinks as unknown as Plugin<unknown[]>,
    { repository: false, root: folder },
  ]
  const plugins = [validateLinks]
  const paths = pages.map((page) => join(folder, page))
  const files = paths.map((path) => new VFile({ path, value: readFileSync(path) }))
  await new Promise<void>((resolve, reject) => {
    engine({ processor, plugins, files, output: false, silent: true }, (error) =>
      error ? reject(error) : resolve(),
    )
  })
  return files.flatMap(({ messages }, index) =>
    messages.map(({ line, reason }) => `${relative(folder, paths[index]!)}:${line} ${reason}`),
  )
}
