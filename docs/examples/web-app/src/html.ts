/** Markup that may be sent as it is. */
export class Html {
  constructor(readonly text: string) {}
}

/**
 * What is put in is text, whatever it looks like, unless it is `html` itself: much comes from an API,
 * and may be anything.
 */
export function html(strings: TemplateStringsArray, ...parts: unknown[]): Html {
  return new Html(strings.reduce((text, next, index) => text + textOf(parts[index - 1]) + next))
}

function textOf(part: unknown): string {
  if (part instanceof Html) return part.text
  if (Array.isArray(part)) return part.map(textOf).join('')
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
