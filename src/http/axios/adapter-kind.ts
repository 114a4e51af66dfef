import { getAdapter, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'

type Named = 'http' | 'fetch'

/** The same for all configs. */
const HTTP = adapterNamed('http')

/** Which of axios' own adapters this is, if it is one: they differ in what a replay needs. */
export function kindOf(
  adapter: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Named | undefined {
  if (adapter === HTTP) return 'http'
  // There is one for each `fetch` that a config may bring.
  return adapter === adapterNamed('fetch', config) ? 'fetch' : undefined
}

function adapterNamed(name: Named, config?: InternalAxiosRequestConfig): AxiosAdapter | undefined {
  try {
    return getAdapter(name, config)
  } catch {
    return undefined // not on this platform
  }
}
