import type { InternalAxiosRequestConfig } from 'axios'
import type { Origins } from '../origins.js'
import { PROOF_HEADER, type TokenFields } from '../token-fields.js'
import { withToken } from './config-copy.js'
import { hideInAgents } from './hide-token.js'
import type { AdapterConfig } from './options.js'
import {
  guardRedirects,
  guardTransport,
  type RedirectedRequest,
  type Transport,
} from './redirects.js'

type Config = InternalAxiosRequestConfig

/** The copy of a config that the adapter alone gets, with the token, for one sending. */
export function sentConfig(
  { header, socketPath }: AdapterConfig,
  prepared: Config,
  origins: Origins,
  fields: TokenFields,
  redirected: RedirectedRequest,
): Config {
  const config = withToken(prepared, header, fields)
  const { beforeRedirect } = config
  const guard = guardRedirects(fields, origins, socketPath, redirected, beforeRedirect)
  config.beforeRedirect = guard
  const transport = config.transport as Transport | undefined
  if (transport) config.transport = guardTransport(transport, guard)
  hideInAgents(config)
  return config
}

/** The headers as the adapter left them, which stay as they do without us; the token does not. */
export function headersWithout(
  { headers }: Config,
  header: string,
  standIn: string,
): Config['headers'] {
  if (headers[PROOF_HEADER] !== undefined) headers.delete(PROOF_HEADER)
  headers[header] = standIn
  return headers
}
