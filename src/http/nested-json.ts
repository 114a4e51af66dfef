/** Metadata and tokens have three levels. */
const DEEPEST = 200

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING = new Set([0x5b, 0x7b]) // [ {
const CLOSING = new Set([0x5d, 0x7d]) // ] }

/**
 * Whether JSON is nested deeper than anyone means it. A megabyte of brackets keeps `JSON.parse` busy
 * for half a second, and whoever walks over what comes of it runs out of stack.
 *
 * @internal
 */
export function isDeeplyNested(json: string): boolean {
  if (json.length < DEEPEST) return false
  let depth = 0
  let isInText = false
  for (let at = 0; at < json.length; at++) {
    const sign = json.charCodeAt(at)
    if (isInText) {
      if (sign === BACKSLASH) at++
      else if (sign === QUOTE) isInText = false
    } else if (sign === QUOTE) isInText = true
    else if (OPENING.has(sign)) {
      depth++
      if (depth > DEEPEST) return true
    } else if (CLOSING.has(sign)) depth--
  }
  return false
}
