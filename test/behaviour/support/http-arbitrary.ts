import fc from 'fast-check'

/** A form of the Fetch standard. */
export function form(fields: Record<string, string | Blob>): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(fields)) made.append(name, value)
  return made
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const bytes = fc.uint8Array({ maxLength: 64 })
const word = fc.stringMatching(/^[a-z][a-z-]{0,8}$/)
const fieldValue = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/)

/** Bare numbers and the like are none: axios refuses to send them. */
const body = fc.oneof(
  fc.dictionary(word, fc.jsonValue()),
  fc.array(fc.jsonValue()),
  text,
  fc.dictionary(word, text).map((fields) => new URLSearchParams(fields)),
  fc.dictionary(word, fc.oneof(text, bytes.map(asBlob))).map(form),
  bytes.map((content) => Buffer.from(content)),
  bytes.map((content) => content.slice().buffer),
  bytes.map(asBlob),
)

function asBlob(content: Uint8Array<ArrayBuffer>): Blob {
  return new Blob([content])
}

/** Any request with a body that can be sent twice. */
export const anyRequest = fc.record({
  adapter: fc.constantFrom('http', 'fetch'),
  method: fc.constantFrom('post', 'put', 'patch', 'delete'),
  url: fc.webPath().map((path) => `/v1${path}`),
  params: fc.dictionary(word, fc.oneof(text, fc.integer(), fc.array(text), fc.boolean())),
  headers: fc.dictionary(
    word.map((name) => `X-${name}`),
    fieldValue,
  ),
  data: body,
})
