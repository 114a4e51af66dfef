/** A token response has a few kilobytes; metadata a few dozen. */
const LONGEST_BODY = 1024 * 1024

/** Thrown when a body is longer than anyone needs. */
export class BodyTooLongError extends Error {
  constructor(longest: number) {
    super(`The body is longer than ${longest} bytes`)
    this.name = 'BodyTooLongError'
  }
}

/** The part of a response that a body is read from. */
interface Readable {
  readonly body?: unknown
  text(): Promise<string>
}

/**
 * The body as text, read piece by piece: what is longer is given up as soon as that is known. That
 * it ends in time is for the signal of its request.
 *
 * @throws BodyTooLongError
 * @internal
 */
export async function boundedText(answer: Readable, longest = LONGEST_BODY): Promise<string> {
  const { body } = answer
  if (isWebStream(body)) return readPieces(body.getReader(), longest)
  // A fetch whose body is no web stream (node-fetch, a stub) can only be read as a whole.
  const text = await answer.text()
  if (text.length > longest) throw new BodyTooLongError(longest)
  return text
}

async function readPieces(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  longest: number,
): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.byteLength
    if (length > longest) {
      reader.cancel().catch(() => undefined)
      throw new BodyTooLongError(longest)
    }
    text += decoder.decode(value, { stream: true })
  }
}

function isWebStream(body: unknown): body is ReadableStream<Uint8Array> {
  if (typeof body !== 'object' || body === null) return false
  return typeof (body as { getReader?: unknown }).getReader === 'function'
}
