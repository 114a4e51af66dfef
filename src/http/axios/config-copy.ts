import type { InternalAxiosRequestConfig } from 'axios'
import { PROOF_HEADER, type TokenFields } from '../token-fields.js'

type Config = InternalAxiosRequestConfig

/** A copy for the adapter alone, with the token in the place of its stand-in. */
export function withToken(config: Config, header: string, { field, proof }: TokenFields): Config {
  const copy = copyOf(config)
  copy.headers = withField(config.headers, header, field)
  if (proof !== undefined) copy.headers.set(PROOF_HEADER, proof)
  return copy
}

/** All that axios' own configs inherit: what someone put on `Object.prototype` is no part of a request. */
const INHERITED = {
  __proto__: null,
  hasOwnProperty(name: PropertyKey): boolean {
    return Object.hasOwn(this, name)
  },
}

/** Spread takes three times as long: axios' configs are dictionaries. */
function copyOf(config: Config): Config {
  const source = config as unknown as Record<PropertyKey, unknown>
  const copy = Object.create(INHERITED) as Record<PropertyKey, unknown>
  for (const name of Object.keys(source)) copy[name] = source[name]
  for (const key of Object.getOwnPropertySymbols(source)) copy[key] = source[key]
  return copy as unknown as Config
}

/** Names and values are as axios wants them already: no need to set each again. */
function withField(headers: Config['headers'], header: string, field: string): Config['headers'] {
  const copy = Object.create(Object.getPrototypeOf(headers) as object) as Config['headers']
  copy[header] = field
  for (const name of Object.keys(headers)) {
    if (name !== header && headers[name] !== undefined) copy[name] = headers[name] as string
  }
  return copy
}
