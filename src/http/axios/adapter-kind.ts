import { getAdapter, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'

type Kind = 'http' | 'fetch' | 'other'

/** What was found of each adapter: to ask axios costs more than all else of a request. */
const kinds = new WeakMap<AxiosAdapter, Kind>()

/** Which of axios' own adapters this is, if it is one: they differ in what a replay needs. */
export function kindOf(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Kind {
  const known = kinds.get(adapter)
  if (known) return known
  // There is a `fetch` adapter for each `fetch` that a config may bring.
  const kind = (['http', 'fetch'] as const).find((name) => adapter === adapterNamed(name, config))
  kinds.set(adapter, kind ?? 'other')
  return kind ?? 'other'
}

function adapterNamed(
  name: 'http' | 'fetch',
  config: InternalAxiosRequestConfig,
): AxiosAdapter | undefined {
  try {
    return getAdapter(name, config)
  } catch {
    return undefined // not on this platform
  }
}
