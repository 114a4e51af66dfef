import { RefreshRejectedError } from '../errors.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'

/** By the names of the metadata. */
export type EndpointName =
  | 'token_endpoint'
  | 'authorization_endpoint'
  | 'device_authorization_endpoint'
  | 'revocation_endpoint'
  | 'end_session_endpoint'

/**
 * The endpoint's URL as the metadata have it; the rule for URLs is another's.
 *
 * @throws RefreshRejectedError if there is none
 * @internal
 */
export function requireEndpoint(server: AuthorizationServerMetadata, name: EndpointName): string {
  // What someone puts on all objects is no metadata.
  const url = Object.hasOwn(server, name) ? server[name] : undefined
  if (typeof url === 'string' && url !== '') return url
  throw new RefreshRejectedError(
    `The authorization server's metadata contains no ${name}: check what the server supports`,
  )
}
