import type { Nodes, Paragraph, Root as Markdown } from 'mdast'
import type { Root as Prose, Sentence } from 'nlcst'
import { toString } from 'nlcst-to-string'
import { ParseEnglish } from 'parse-english'
import remarkFrontmatter from 'remark-frontmatter'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRetext from 'remark-retext'
import retextIndefiniteArticle from 'retext-indefinite-article'
import retextRepeatedWords from 'retext-repeated-words'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'
import { VFile } from 'vfile'
import { NAMES, WORDS } from './vocabulary.js'

/** A reader who is not a native speaker holds no more than this in mind. */
const LONGEST_SENTENCE = 35

/** Someone else's words, the title of a test, a URL, the name of a file or a package. */
const QUOTED = /"[^"]*"|\S*\w[./:@_=]+\w\S*/g

const markdown = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter)

/** What is read: code, links and HTML are looked over. */
const english = unified()
  .use(remarkRetext, ParseEnglish)
  .use(retextRepeatedWords)
  .use(retextIndefiniteArticle)
  .use(sentenceLength)
  .use(vocabulary)

interface Finding {
  line: number
  column: number
  message: string
}

/** What is wrong with the English of a Markdown text. */
export function lintProse(text: string): Finding[] {
  const file = new VFile(text)
  for (const block of blocksOf(markdown.parse(file)))
    english.runSync({ type: 'root', children: [block], position: block.position }, file)
  return file.messages.map(({ line = 1, column = 1, reason }) => ({
    line,
    column,
    message: reason,
  }))
}

/** Paragraphs, headings and the cells of tables: no sentence goes on from one to the next. */
function blocksOf(tree: Markdown): Paragraph[] {
  const blocks: Paragraph[] = []
  visit(tree, (node: Nodes) => {
    if (node.type === 'paragraph' || node.type === 'heading' || node.type === 'tableCell')
      blocks.push({ type: 'paragraph', children: node.children, position: node.position })
  })
  return blocks
}

function sentenceLength() {
  return (tree: Prose, file: VFile) => {
    visit(tree, 'SentenceNode', (sentence) => {
      const longest = Math.max(...sentencesOf(sentence).map(countWords))
      if (longest <= LONGEST_SENTENCE) return
      file.message(`A sentence of ${longest} words: at most ${LONGEST_SENTENCE}`, sentence)
    })
  }
}

/** The parser takes a sentence that begins with code, or in lower case, for a part of the last one. */
function sentencesOf({ children }: Sentence): Sentence['children'][] {
  const sentences: Sentence['children'][] = [[]]
  for (const child of children) {
    sentences.at(-1)!.push(child)
    if (/^[^.]*[.?!]$/.test(toString(child))) sentences.push([]) // and not after "e.g."
  }
  return sentences
}

/** Code in a sentence is read as a word. */
function countWords(sentence: Sentence['children']): number {
  return sentence.filter(({ type }) => type === 'WordNode' || type === 'SourceNode').length
}

function vocabulary() {
  return (tree: Prose, file: VFile) => {
    visit(tree, 'SentenceNode', (sentence) => {
      const text = sentence.children
        .map((child) => (child.type === 'SourceNode' ? '`' : toString(child)))
        .join('')
        .replace(QUOTED, '`')
      for (const { wrong, use } of WORDS)
        for (const [found] of text.matchAll(wrong)) file.message(`"${found}": ${use}`, sentence)
      for (const name of NAMES)
        for (const [found] of text.matchAll(new RegExp(`(?<![\\w-])${name}(?![\\w:-])`, 'gi')))
          if (found !== name) file.message(`"${found}": ${name}`, sentence)
    })
  }
}
