import {
  allowInsecureRequests,
  customFetch,
  dynamicClientRegistrationRequest,
  type AuthorizationServer,
} from 'oauth4webapi'
import { now } from '../clock.js'
import { isTokenError, InvalidTokenResponseError, RefreshRejectedError } from '../errors.js'
import { createScrubber } from '../redact.js'
import { isClientAuthMethod } from '../oauth/client-auth.js'
import { connectionError } from '../oauth/connection-error.js'
import { readEndpointAnswer } from '../oauth/endpoint-answer.js'
import { showUrl } from '../oauth/secure-url.js'
import type { AuthorizationServerMetadata } from '../oauth/server-metadata.js'
import type { Transport } from '../oauth/transport.js'
import { withDeadline } from '../wait.js'
import type { McpConfig } from './options.js'
import type { SessionClient } from './session-client.js'

/** A client as a server knows it. */
export type KnownClient = Omit<SessionClient, 'issuer' | 'resource' | 'scope'>

const TIMEOUT_MS = 10_000

/**
 * The client that a login at this server is for: the one registered by hand, the session's own, the
 * one that a document describes, or one registered now.
 *
 * @param previous - the session's own, where it is known at this server and is to be kept
 * @throws RefreshRejectedError if the server registers no clients, or not this one
 * @throws RefreshUnavailableError if it cannot be reached or is in trouble
 * @internal
 */
export async function clientAt(
  server: AuthorizationServerMetadata,
  config: McpConfig,
  previous: SessionClient | undefined,
  transport: Transport,
): Promise<KnownClient> {
  const { clientId, clientSecret, clientMetadataUrl } = config
  if (clientId !== undefined) return { clientId, clientSecret, isRegistered: false }
  const takesDocuments = server.client_id_metadata_document_supported === true
  if (clientMetadataUrl !== undefined && takesDocuments) {
    return { clientId: clientMetadataUrl, clientAuth: 'none', isRegistered: false }
  }
  return previous?.isRegistered ? previous : register(server, config, transport)
}

/** RFC 7591 §3: a native application (RFC 8252), which keeps no secret unless it is given one. */
async function register(
  server: AuthorizationServerMetadata,
  { clientMetadata, redirectUri }: McpConfig,
  transport: Transport,
): Promise<KnownClient> {
  if (typeof server.registration_endpoint !== 'string') {
    throw new RefreshRejectedError(
      `${showUrl(new URL(server.issuer))} does not register clients: register one there by hand, and pass its \`clientId\` and the \`issuer\``,
    )
  }
  const metadata = {
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...clientMetadata,
    redirect_uris: [redirectUri].flat(),
  }
  const sentAt = now()
  const answer = await withDeadline(
    (signal) =>
      dynamicClientRegistrationRequest(server as AuthorizationServer, metadata, {
        [allowInsecureRequests]: true, // the transport has a finer rule
        [customFetch]: (url, request) => transport(url, request, signal) as Promise<Response>,
      }).catch((cause: unknown) => {
        if (isTokenError(cause)) throw cause
        throw connectionError('The registration endpoint', cause, { cause })
      }),
    TIMEOUT_MS,
    () => connectionError('The registration endpoint', undefined, { cause: undefined }),
  )
  const scrubber = createScrubber([])
  return readClient(await readEndpointAnswer('registration endpoint', { answer, sentAt, scrubber }))
}

/** RFC 7591 §3.2.1: the server may have given other than was asked for. */
function readClient(response: Record<string, unknown>): KnownClient {
  const { client_id: clientId, client_secret: secret } = response
  const { token_endpoint_auth_method: method } = response
  if (typeof clientId !== 'string' || clientId === '') {
    throw new InvalidTokenResponseError('The registration endpoint responded without a client_id')
  }
  const hasSecret = typeof secret === 'string' && secret !== '' && method !== 'none'
  return {
    clientId,
    ...(hasSecret && { clientSecret: secret }),
    ...(isClientAuthMethod(method) && { clientAuth: method }),
    isRegistered: true,
  }
}
