import { isForm } from '../body.js'

/** A body to send, and its type where the platform would make up another each time. */
export interface FrozenBody {
  readonly body: BodyInit | null | undefined
  readonly contentType?: string | null
}

/**
 * The body as it is now: it gives the same bytes whenever it is sent, whatever becomes of the
 * caller's own. A form is turned into bytes, since the platform makes up another boundary each time
 * it sends one. What can be sent only once is left as it is.
 */
export function frozenBody(body: BodyInit | null | undefined): FrozenBody | Promise<FrozenBody> {
  if (typeof body !== 'object' || body === null) return { body }
  if (body instanceof URLSearchParams) return { body: new URLSearchParams(body) }
  if (body instanceof ArrayBuffer) return { body: body.slice(0) }
  if (ArrayBuffer.isView(body)) return { body: copyOf(body) }
  const form = isForm(body) ? body : ownForm(body)
  return form ? serialised(form) : { body }
}

/** By its own `slice`, a Buffer's gives no copy. */
function copyOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength).slice()
}

async function serialised(form: FormData): Promise<FrozenBody> {
  const response = new Response(form)
  return { body: await response.blob(), contentType: response.headers.get('content-type') }
}

/** A form of another copy of the standard's classes (undici's), which other copies do not know. */
function ownForm(body: object): FormData | undefined {
  const { [Symbol.toStringTag]: tag, entries } = body as Partial<FormData> & Record<symbol, unknown>
  if (tag !== 'FormData' || typeof entries !== 'function') return undefined
  const form = new FormData()
  for (const [name, value] of (body as FormData).entries()) form.append(name, value as string)
  return form
}
