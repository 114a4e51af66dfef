import { existsSync, readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { ROOT } from './compile.js'

export interface Snippet {
  /** The page, from the root of the repository. */
  page: string
  /** The line of the snippet's first line in its page. */
  line: number
  code: string
}

/** @returns the pages that users read, from the root of the repository */
export function pages(): string[] {
  const docs = existsSync(`${ROOT}docs`) ? filesUnder('docs') : []
  return ['README.md', ...docs.sort()].filter(
    (page) => page.endsWith('.md') && existsSync(ROOT + page),
  )
}

/** Not of packages, nor of what other tests make and remove at this moment. */
function filesUnder(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (!entry.isDirectory()) return [path]
    return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : filesUnder(path)
  })
}

/** A program is compiled as the file that it is: see recipe-programs.test.ts. */
const PROGRAM = /<!-- docs\/\S+ -->\n\n$/

/** @returns what stands between a fence of language `ts` and its end, programs left out */
export function snippetsOf(page: string, markdown = readFileSync(ROOT + page, 'utf8')): Snippet[] {
  const snippets: Snippet[] = []
  const fence = /^( *)```ts\b[^\n]*\n(.*?)^\1```/gms
  for (const match of markdown.matchAll(fence)) {
    if (PROGRAM.test(markdown.slice(0, match.index))) continue
    const line = markdown.slice(0, match.index).split('\n').length + 1
    snippets.push({ page, line, code: match[2] ?? '' })
  }
  return snippets
}

/**
 * Modules that compile: each snippet of a page is one of its own, with the imports of the page's
 * earlier snippets in force, all on its first line.
 */
export function modulesOf(snippets: readonly Snippet[]): string[] {
  const imports = new Map<string, string>()
  return snippets.map(({ code }) => {
    const own = importsOf(code)
    const inherited = [...imports].filter(([name]) => !own.has(name)).map(([, text]) => text)
    for (const [name, text] of own) imports.set(name, text)
    return `${inherited.join(' ')} export {}\n${code}`
  })
}

/** Each imported name, with the import that brings it alone. */
function importsOf(code: string): Map<string, string> {
  const imports = new Map<string, string>()
  for (const statement of ts.createSourceFile('', code, ts.ScriptTarget.Latest).statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier))
      continue
    const { importClause, moduleSpecifier } = statement
    const from = `from '${moduleSpecifier.text}';`
    const isType = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    const keyword = isType ? 'import type' : 'import'
    if (importClause?.name) {
      const { text } = importClause.name
      imports.set(text, `${keyword} ${text} ${from}`)
    }
    const bindings = importClause?.namedBindings
    if (bindings && ts.isNamespaceImport(bindings)) {
      imports.set(bindings.name.text, `${keyword} * as ${bindings.name.text} ${from}`)
    }
    for (const element of bindings && ts.isNamedImports(bindings) ? bindings.elements : []) {
      const original = element.propertyName ? `${element.propertyName.text} as ` : ''
      const type = element.isTypeOnly ? 'type ' : ''
      imports.set(
        element.name.text,
        `${keyword} { ${type}${original}${element.name.text} } ${from}`,
      )
    }
  }
  return imports
}
