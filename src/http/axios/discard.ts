import type { AxiosResponse } from 'axios'

/** The body of a response that nobody will read holds its connection. */
export function discard(response: AxiosResponse): void {
  const body = response.data as { resume?: unknown; cancel?: unknown } | null
  if (typeof body?.resume === 'function') (body as Readable).on('error', () => {}).resume()
  else if (typeof body?.cancel === 'function') (body as ReadableStream).cancel().catch(() => {})
}

/** As much of a Node stream as it takes to read it away. */
interface Readable {
  on(event: 'error', listener: () => void): this
  resume(): void
}
