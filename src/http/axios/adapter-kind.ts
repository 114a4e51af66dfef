import { getAdapter, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'

type Named = 'http' | 'fetch'

/** Which of axios' own adapters this is, if it is one: they differ in what a replay needs. */
export function kindOf(
  adapter: AxiosAdapter,
  config: InternalAxiosRequestConfig,
): Named | undefined {
  if (adapter === adapterNamed('http', config)) return 'http'
  return adapter === adapterNamed('fetch', config) ? 'fetch' : undefined
}

function adapterNamed(name: Named, config: InternalAxiosRequestConfig): AxiosAdapter | undefined {
  try {
    return getAdapter(name, config)
  } catch {
    return undefined // not on this platform
  }
}
