import type { InternalAxiosRequestConfig } from 'axios'
import { isForm } from '../body.js'

type Config = InternalAxiosRequestConfig

/** What axios needs of the `form-data` package, and we do. */
interface StreamedForm {
  getBuffer(): Uint8Array
  getHeaders(): Record<string, string>
}

/** As in axios' HTTP adapter. */
const READABLE_BOUNDARY = /boundary=([-_\w\d]{10,70})/i

/**
 * The config, made to give the same URL and the same bytes whenever it is sent. The caller's own is
 * left as it is; most need nothing.
 */
export function repeatable(config: Config): Config {
  const url = repeatableUrl(config)
  const body = repeatableBody(config)
  return url || body ? { ...config, ...url, ...body } : config
}

/** A serializer that puts in a nonce or a time would make another URL of the replay. */
function repeatableUrl({ paramsSerializer }: Config): Partial<Config> | undefined {
  if (typeof paramsSerializer !== 'object' || !paramsSerializer?.serialize) return undefined
  const { serialize } = paramsSerializer
  let serialized: string | undefined
  return {
    paramsSerializer: {
      ...paramsSerializer,
      serialize: (...args) => (serialized ??= serialize(...args)),
    },
  }
}

/**
 * A form of the `form-data` package is a stream, even where all its parts are in memory; axios
 * makes one itself of an object to be sent as `multipart/form-data`.
 */
function repeatableBody(config: Config): Partial<Config> | undefined {
  const data: unknown = config.data
  if (!isStreamedForm(data)) return undefined
  try {
    return { data: data.getBuffer(), headers: config.headers.concat(data.getHeaders()) }
  } catch {
    return undefined // a part is a stream
  }
}

/**
 * For axios' HTTP adapter, which makes up a boundary each time it sends a form, unless the header
 * has one that it can read: its own has dots in it, which it cannot.
 */
export function withFixedBoundary(config: Config): Config {
  const { headers } = config
  if (!isForm(config.data) || READABLE_BOUNDARY.test(String(headers.get('content-type'))))
    return config
  const type = `multipart/form-data; boundary=form-${crypto.randomUUID()}`
  return { ...config, headers: headers.concat({ 'Content-Type': type }) }
}

function isStreamedForm(data: unknown): data is StreamedForm {
  if (typeof data !== 'object' || data === null) return false
  const { getBuffer, getHeaders } = data as Partial<StreamedForm>
  return typeof getBuffer === 'function' && typeof getHeaders === 'function'
}
