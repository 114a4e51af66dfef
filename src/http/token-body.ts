import { isDeeplyNested } from '../nested-json.js'

/**
 * A token response: JSON, or a form, as GitHub and Facebook's first versions send it.
 *
 * @internal
 */
export function parseTokenBody(body: string): Record<string, unknown> | undefined {
  return parseObject(body) ?? parseForm(body)
}

const FORM = /^[\w.-]+=[^<>\s]*$/
const FORM_MEMBERS = ['access_token', 'error']

function parseForm(body: string): Record<string, string> | undefined {
  const text = body.trim()
  if (!FORM.test(text)) return undefined
  const form = new URLSearchParams(text)
  return FORM_MEMBERS.some((name) => form.has(name)) ? Object.fromEntries(form) : undefined
}

/** @internal */
export function parseObject(body: string): Record<string, unknown> | undefined {
  if (isDeeplyNested(body)) return undefined
  try {
    const value: unknown = JSON.parse(body)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    // Without a prototype: what is not in the body is nowhere.
    return isObject ? { __proto__: null, ...value } : undefined
  } catch {
    return undefined
  }
}
