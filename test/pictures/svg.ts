/** Colours by their use, for light and dark: whoever shows a picture says which of them it is. */
const THEME = `
:root { --paper: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --strong: #0b5cad; --good: #1a7f37; --bad: #c4262e }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #e6edf3; --quiet: #9198a1; --line: #3d444d; --soft: #161b22; --strong: #6cb2ff; --good: #3fb950; --bad: #ff7b72 }
}
text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink) }
.quiet { fill: var(--quiet) }
.strong { fill: var(--strong); font-weight: 600 }
.good { fill: var(--good) }
.bad { fill: var(--bad) }
.title { font-weight: 600 }
.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px }
.box { fill: var(--soft); stroke: var(--line) }
.main { fill: var(--paper); stroke: var(--strong); stroke-width: 1.5 }
.arrow { fill: none; stroke: var(--quiet); stroke-width: 1.5; marker-end: url(#head) }
.rule { stroke: var(--line) }`

const HEAD = `<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="var(--quiet)"/></marker>`

export interface Picture {
  readonly width: number
  readonly height: number
  /** What the picture says, for whoever does not see it. */
  readonly title: string
  readonly style?: string
  readonly body: readonly string[]
}

export function svg({ width, height, title, style = '', body }: Picture): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escape(title)}</title>`,
    `<style>${THEME}${style}</style>`,
    `<defs>${HEAD}</defs>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="var(--paper)" stroke="var(--line)"/>`,
    ...body,
  ].join('\n')}\n</svg>\n`
}

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

export type Anchor = 'start' | 'middle' | 'end'

export function label(
  x: number,
  y: number,
  text: string,
  { kind = '', anchor = 'start' }: { kind?: string; anchor?: Anchor } = {},
): string {
  const attributes = `${kind && ` class="${kind}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`
  return `<text x="${x}" y="${y}"${attributes} xml:space="preserve">${escape(text)}</text>`
}

export function box(x: number, y: number, width: number, height: number, kind = 'box'): string {
  return `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`
}

export function arrow(path: string): string {
  return `<path class="arrow" d="${path}"/>`
}
