/** Metadata and tokens have three levels. */
const DEEPEST = 200

/** A record holds what responses said, some levels further down, and what an app added to it. */
const DEEPEST_RECORD = 1_000

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
export function isDeeplyNested(json: string, deepest = DEEPEST): boolean {
  if (json.length < deepest) return false
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
      if (depth > deepest) return true
    } else if (CLOSING.has(sign)) depth--
  }
  return false
}

/**
 * The JSON of a stored record.
 *
 * @throws SyntaxError for what is not JSON, or nested without end
 * @internal
 */
export function parseRecord(json: string): unknown {
  if (isDeeplyNested(json, DEEPEST_RECORD)) throw new SyntaxError('It is nested too deeply')
  return JSON.parse(json)
}
