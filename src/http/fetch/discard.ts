import { atInstant, now } from '../../clock.js'

const MOST_BYTES = 64 * 1024
const LONGEST_MS = 1_000

/**
 * Reads away a response that nobody will read, so that its connection is free for the next request;
 * one that is long, or takes long, is cancelled. Nobody waits for it.
 */
export function discard({ body }: Response): void {
  if (!body || body.locked || typeof body.getReader !== 'function') return
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => {})
  const undo = atInstant(now() + LONGEST_MS, cancel)
  readAway(reader, MOST_BYTES).then(undo, () => {
    undo()
    cancel()
  })
}

/** @throws if there is more */
async function readAway(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  most: number,
): Promise<void> {
  for (let left = most; left >= 0;) {
    const { done, value } = await reader.read()
    if (done) return
    left -= value.byteLength
  }
  throw new Error('more than is worth reading')
}
