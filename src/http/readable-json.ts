import { atInstant, now } from '../clock.js'

/** How much of a stream is read ahead to be shown to `isRejected`, and how long it is waited for. */
const MOST_BYTES = 64 * 1024
const LONGEST_MS = 1_000

/** The part of a Node stream that it takes to look at its beginning. */
interface NodeReadable {
  read(): Uint8Array | string | null
  unshift(chunk: Uint8Array | string): void
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
  readonly destroyed?: boolean
}

/** A body that was looked at: what it says, where that is JSON, and the whole to give on. */
export interface SeenBody {
  readonly value: unknown
  readonly body: unknown
}

/** @internal */
export function isJsonType(contentType: unknown): boolean {
  return /[/+]json\b/i.test(String(contentType ?? ''))
}

/**
 * What a JSON body says, in whatever form it came: text, bytes, a Blob or a stream, of which a
 * bounded beginning is read and put back. What is no JSON, or too long, stays as it came.
 *
 * @internal
 */
export function seeBody(body: unknown): SeenBody | Promise<SeenBody> {
  if (typeof body === 'string') return { value: parsed(body, body), body }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return { value: body.byteLength > MOST_BYTES ? body : parsed(textOf(body), body), body }
  }
  if (typeof Blob !== 'undefined' && body instanceof Blob) {
    if (body.size > MOST_BYTES) return { value: body, body }
    return body.text().then((text) => ({ value: parsed(text, body), body }))
  }
  if (body instanceof ReadableStream) return seeWebStream(body as ReadableStream<Uint8Array>)
  return isNodeReadable(body) ? seeNodeStream(body) : { value: body, body }
}

async function seeNodeStream(stream: NodeReadable): Promise<SeenBody> {
  const chunks: Uint8Array[] = []
  let left = MOST_BYTES
  await new Promise<void>((resolve) => {
    const finish = () => {
      undo()
      for (const event of ['end', 'error', 'close']) stream.off(event, finish)
      stream.off('readable', onReadable)
      resolve()
    }
    const putBack = () => {
      // In the same turn as the last read, since a stream that ended takes nothing back.
      if (chunks.length > 0 && !stream.destroyed) stream.unshift(joined(chunks))
      finish()
    }
    const onReadable = () => {
      for (;;) {
        const chunk = stream.read()
        if (chunk === null) break
        const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
        chunks.push(bytes)
        left -= bytes.byteLength
        if (left < 0) return putBack()
      }
      if (hasEnded(stream) || isWhole(chunks)) putBack()
    }
    const undo = atInstant(now() + LONGEST_MS, putBack)
    stream.on('readable', onReadable)
    for (const event of ['end', 'error', 'close']) stream.on(event, finish)
  })
  return { value: parsed(textOf(joined(chunks)), stream), body: stream }
}

/** What was read goes on first, then the rest as it comes; also a read that was not waited for. */
async function seeWebStream(stream: ReadableStream<Uint8Array>): Promise<SeenBody> {
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let reading: ReturnType<typeof reader.read> | undefined
  let failure: { readonly thrown: unknown } | undefined
  let isDone = false
  let undo: () => void = () => undefined
  const late = new Promise<undefined>((resolve) => {
    undo = atInstant(now() + LONGEST_MS, () => resolve(undefined))
  })
  try {
    for (let left = MOST_BYTES; left >= 0 && !isDone;) {
      reading = reader.read()
      const read = await Promise.race([reading, late])
      if (!read) break
      reading = undefined
      isDone = read.done
      if (read.value) chunks.push(read.value)
      left -= read.value?.byteLength ?? 0
    }
  } catch (thrown) {
    reading = undefined
    failure = { thrown }
  } finally {
    undo()
  }
  reading?.catch(() => undefined) // whoever reads on is told
  const rest = chunks.slice()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = rest.shift()
      if (next) return controller.enqueue(next)
      if (failure) throw failure.thrown
      if (isDone) return controller.close()
      const { done, value } = await (reading ?? reader.read())
      reading = undefined
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return { value: isDone ? parsed(textOf(joined(chunks)), body) : body, body }
}

/** What Node's own streams know before they tell: after `end`, nothing can be put back. */
function hasEnded(stream: NodeReadable): boolean {
  const { _readableState } = stream as { _readableState?: { ended?: boolean } }
  return _readableState?.ended === true
}

/** Of other streams, the end is not told before it is too late: JSON tells its own. */
function isWhole(chunks: readonly Uint8Array[]): boolean {
  return chunks.length > 0 && parsed(textOf(joined(chunks)), undefined) !== undefined
}

function parsed(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return otherwise
  }
}

function textOf(bytes: ArrayBuffer | ArrayBufferView): string {
  return new TextDecoder().decode(bytes)
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

function isNodeReadable(value: unknown): value is NodeReadable {
  if (typeof value !== 'object' || value === null) return false
  const { read, unshift, on } = value as Partial<NodeReadable>
  return [read, unshift, on].every((member) => typeof member === 'function')
}
