/** Nobody reads more of a message that someone else wrote. */
const LONGEST_TEXT = 500

/** Line ends, tabs and other white space, in runs. */
const WHITE_SPACE = /[\t-\r\u0085\p{Z}]+/gu
/**
 * What moves a terminal's cursor, turns the direction of writing or is not to be seen at all:
 * control and format characters (bidi, zero width, tags), fillers and joiners, half characters,
 * private and unassigned ones.
 */
const UNSEEN = /(?![\t-\r\u0085])[\p{C}\p{DI}]/gu
/** A character that was cut in two. */
const HALF_AT_THE_END = /[\ud800-\udbff]$/

/** One line of visible characters, however long. @internal */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, '').replace(WHITE_SPACE, ' ').trim()
}

/**
 * Text of someone else's (a server, a browser, whoever calls a port) made safe to show on a
 * terminal, in a log or in a page. It is one line of visible characters, and not too long.
 *
 * @param longest - in characters; what is over is cut off
 * @internal
 */
export function foreignText(text: string, longest = LONGEST_TEXT): string {
  // Cut first: what is searched is bounded, whoever wrote it.
  const visible = visibleText(text.slice(0, 4 * longest))
  if (visible.length <= longest) return visible
  return `${visible.slice(0, longest).replace(HALF_AT_THE_END, '')}...`
}
