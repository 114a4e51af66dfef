import { foreignText } from '../foreign-text.js'
import { redact, type Scrubber } from '../redact.js'

/** A title is near the beginning; what is searched is bounded, whoever wrote it. */
const SEARCHED = 10_000
const TITLE = /<title\b[^>]{0,200}>([^<]{1,500})/i
const LONGEST_TITLE = 100

/**
 * What a page in the place of a response calls itself: gateways, proxies and captive portals say in
 * their title who they are and what they want.
 *
 * @param scrubber - knows the secrets that were sent, which a page may quote
 * @returns as part of a message, such as `a page with the title "Access denied"`; empty if the text
 * has no title
 * @internal
 */
export function titleOfPage(text: string, scrubber?: Scrubber): string {
  const title = TITLE.exec(text.slice(0, SEARCHED))?.[1]
  const clean = redact(scrubber && title !== undefined ? scrubber.text(title) : (title ?? ''))
  const shown = foreignText(clean, LONGEST_TITLE)
  return shown && `a page with the title ${JSON.stringify(shown)}`
}
