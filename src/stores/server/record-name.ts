/**
 * A name as a server takes it: in one form, in which no `}` is and nothing that UTF-8 has no bytes
 * for, so that two names are never one record. Names come from outside, as a cookie's value does:
 * whatever is in one, it has a form.
 *
 * @internal
 */
export function escapeName(name: string): string {
  return name.replace(ESCAPED, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** `%` itself, the end of a Redis hash tag, NUL (Postgres has none), half a character. */
const ESCAPED = /[%}\0]|\p{Surrogate}/gu
