import { getAdapter, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'
import type { Peer } from './peer.ts'
import { copyWith } from './smallest-adapter.ts'
import { axiosInstance } from './wire.ts'

type Config = InternalAxiosRequestConfig

const STAND_IN = 'session 1'
const INSPECT = Symbol.for('nodejs.util.inspect.custom')
const show = () => '[hidden]'

/**
 * What no adapter can do without that keeps laws 9, 11 and 12 for a request whose token is fresh,
 * whose base URL never changes, and that fails in no way: it looks where the request goes, guards
 * its redirects, gives the adapter's changes of the headers back, hides Node's request, and looks at
 * the status. No refresh, no replay, no plugin, no proof, no other session, no error.
 */
export const smallestWholeAdapter: Peer = {
  name: 'smallest adapter, laws 9, 11, 12',
  isOnAxios: true,
  client(setup) {
    const instance = axiosInstance(setup)
    const field = `Bearer ${setup.issued.accessToken}`
    const { origin } = new URL(setup.baseURL)
    instance.interceptors.request.use(
      (config) => {
        const { adapter } = config
        config.headers.Authorization = STAND_IN
        config.adapter = (given) => {
          given.adapter = adapter
          return send(getAdapter(adapter, given), given, field, origin)
        }
        return config
      },
      undefined,
      { synchronous: true },
    )
    return (path) => instance.get(path)
  },
}

async function send(adapter: AxiosAdapter, given: Config, field: string, origin: string) {
  const isBound = given.url!.startsWith('/') || new URL(given.url!).origin === origin
  if (!isBound) return adapter(given)
  const copy = copyWith(field, given)
  copy.beforeRedirect = (options) => {
    if (new URL(String(options.href)).origin !== origin) delete options.headers.Authorization
  }
  const response = await adapter(copy)
  if (response.status === 401) throw new Error('to be renewed')
  copy.headers.Authorization = STAND_IN
  given.headers = copy.headers
  response.config = given
  const request = response.request as Record<PropertyKey, unknown> | null
  if (request) {
    request[INSPECT] = show
    request.toJSON = show
  }
  return response
}
