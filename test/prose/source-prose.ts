import ts from 'typescript'

/** A text within a source file that somebody reads, as Markdown. */
export interface SourceProse {
  text: string
  /** Where it begins, counted from 0. */
  line: number
}

/** Docstrings, and the sentences in string literals: what errors, options and commands say. */
export function proseOf(path: string, source: string): SourceProse[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true)
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line
  const docstrings = [...source.matchAll(/\/\*\*[^]*?\*\//g)].map((found) => ({
    text: docstringText(found[0]),
    line: lineOf(found.index),
  }))
  const messages: SourceProse[] = []
  const collect = (node: ts.Node) => {
    const text = ts.isImportDeclaration(node) ? '' : messageText(node)
    if (isSentence(text)) messages.push({ text, line: lineOf(node.getStart(file)) })
    ts.forEachChild(node, collect)
  }
  collect(file)
  return [...docstrings, ...messages]
}

/** Without its stars, its examples and the names of its tags; line by line, so that lines still count. */
function docstringText(comment: string): string {
  let isCode = false
  return comment
    .slice(3, -2)
    .split('\n')
    .map((line) => {
      const text = line.replace(/^\s*\* ?/, '')
      if (/^\s*@/.test(text)) isCode = /^\s*@(example|default)/.test(text)
      return isCode
        ? ''
        : text.replace(/^\s*@(param \S+|\w+)( -)?/, '- ').replace(/\{@link [^}]*\}/g, '`x`')
    })
    .join('\n')
}

function messageText(node: ts.Node): string {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (!ts.isTemplateExpression(node)) return ''
  return [node.head, ...node.templateSpans.map(({ literal }) => literal)]
    .map(({ text }) => text)
    .join('`x`')
}

/** Not a name, a path, a statement of SQL, a piece of HTML or a screen of help. */
function isSentence(text: string): boolean {
  return (
    /[a-z]+ [a-z]+ [a-z]/.test(text) &&
    !/[<{;]|\n {2}|^(SELECT|INSERT|UPDATE|DELETE|CREATE)\b/.test(text)
  )
}
