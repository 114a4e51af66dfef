import { AxiosError, type InternalAxiosRequestConfig } from 'axios'
import type { WaitBounds } from '../wait-bounds.js'

/** What bounds a request's wait for a token, if anything does: its signal, CancelToken, timeout. */
export function boundsOf(config: InternalAxiosRequestConfig): WaitBounds | undefined {
  const { signal, cancelToken } = config
  const timeoutMs = Number.parseInt(String(config.timeout ?? 0), 10)
  if (!signal && !cancelToken && !(timeoutMs > 0)) return undefined
  const controller = new AbortController()
  const end = (reason: unknown) => controller.abort(reason)
  const onAbort = () => end((signal as AbortSignal).reason)
  const timer = timeoutMs > 0 ? setTimeout(() => end(timeoutError(config)), timeoutMs) : undefined
  if (signal?.aborted) onAbort()
  signal?.addEventListener?.('abort', onAbort)
  cancelToken?.subscribe(end)
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      signal?.removeEventListener?.('abort', onAbort)
      cancelToken?.unsubscribe(end)
    },
  }
}

/** As axios' adapters make it. */
function timeoutError(config: InternalAxiosRequestConfig): AxiosError {
  const message = config.timeoutErrorMessage || `timeout of ${config.timeout}ms exceeded`
  const code = config.transitional?.clarifyTimeoutError
    ? AxiosError.ETIMEDOUT
    : AxiosError.ECONNABORTED
  return new AxiosError(message, code, config)
}
