/**
 * Whether a request's body can be sent a second time and be the same. A stream is gone once it is
 * read; of what is not known to be repeatable, it is not assumed.
 *
 * @internal
 */
export function canBeSentTwice(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return typeof body !== 'function'
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return true
  if (isBlob(body) || body instanceof URLSearchParams) return true
  return isForm(body) && [...body.values()].every(isRepeatablePart)
}

/** A form of the Fetch standard, not the stream that the `form-data` package makes. */
export function isForm(body: unknown): body is FormData {
  return typeof FormData !== 'undefined' && body instanceof FormData
}

/** Look-alikes of a file may hide a stream behind `stream()`. */
function isRepeatablePart(part: unknown): boolean {
  return typeof part === 'string' || isBlob(part)
}

function isBlob(value: unknown): boolean {
  return typeof Blob !== 'undefined' && value instanceof Blob
}
