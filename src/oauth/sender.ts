import {
  allowInsecureRequests,
  customFetch,
  type AuthorizationServer,
  type Client,
  type ClientAuth,
} from 'oauth4webapi'
import { now } from '../clock.js'
import { isTokenError, RefreshUnavailableError } from '../errors.js'
import { createScrubber, type Scrubber } from '../redact.js'
import { untilAborted } from '../wait.js'
import {
  defaultClientAuth,
  fittingMethod,
  isMutualTls,
  type ClientAuthMethod,
} from './client-auth.js'
import type { ClientConfig } from './client-options.js'
import { connectionError } from './connection-error.js'
import { requireEndpoint, type EndpointName } from './endpoints.js'
import { shapedRequest, shapeFor, type Purpose } from './provider/request-shape.js'
import { fillParameters, fillPlaceholders, type Variables } from './provider/variables.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
import type { TokenFetchResponse, Transport } from './transport.js'

/** What a request function of oauth4webapi is called with. */
export interface Wire {
  readonly server: AuthorizationServer
  /** As it is sent, whatever oauth4webapi takes it for. */
  readonly method: string
  readonly client: Client
  readonly authenticate: ClientAuth
  readonly options: {
    readonly [allowInsecureRequests]: true
    readonly [customFetch]: (
      url: string,
      request: { method: string; headers: Record<string, string>; body?: unknown },
    ) => Promise<Response>
  }
}

/** A response, and what must be known of its request to read it. */
export interface SentAnswer {
  readonly answer: TokenFetchResponse
  /** Epoch milliseconds. */
  readonly sentAt: number
  readonly scrubber: Scrubber
}

/** One request to one endpoint, authenticated as the client. */
export interface Sending {
  readonly endpoint: EndpointName
  readonly purpose: Purpose
  /** Of the session, beside those of the client. */
  readonly variables?: Variables | undefined
  readonly secrets: readonly (string | null | undefined)[]
  readonly signal: AbortSignal | undefined
  readonly request: (wire: Wire) => Promise<TokenFetchResponse>
}

/**
 * Finds the endpoint, asks for the credentials and sends, once.
 *
 * @throws TokenError which says whether it was sent
 * @internal
 */
export type Sender = (sending: Sending) => Promise<SentAnswer>

/** @internal */
export function createSender(
  config: ClientConfig,
  discover: () => Promise<AuthorizationServerMetadata>,
  transport: Transport,
): Sender {
  const { provider } = config
  return async ({ endpoint, purpose, variables, secrets, signal, request }) => {
    const found = await unlessAborted(discover, signal)
    const values = { ...config.variables, ...variables }
    const shape = fillParameters(shapeFor(provider, purpose), values, provider?.variables)
    const method =
      fittingMethod(shape.clientAuth, config) ??
      config.clientAuthMethod ??
      defaultClientAuth(config, found, endpoint)
    const url = fillPlaceholders(shape.endpoint ?? endpointFor(method, found, endpoint), values)
    const server = { ...found, [endpoint]: url }
    const credentials = await unlessAborted(() => config.credentials(method), signal)
    const scrubber = createScrubber([...credentials.secrets, ...secrets])
    const sentAt = now()
    try {
      const answer = await request({
        server: server as AuthorizationServer,
        method: shape.method ?? 'POST',
        client: { client_id: config.clientId },
        authenticate: credentials.authenticate,
        options: {
          [allowInsecureRequests]: true, // the transport has a finer rule
          [customFetch]: (url, usual) => {
            if (signal?.aborted) throw abortedBeforeSending(signal)
            const shaped = shapedRequest(url, usual, shape, provider?.scopeSeparator)
            return transport(shaped.url, shaped.request, signal) as Promise<Response>
          },
        },
      })
      return { answer, sentAt, scrubber }
    } catch (thrown) {
      if (isTokenError(thrown)) throw thrown
      const what = `The ${endpoint.replaceAll('_', ' ')}`
      throw connectionError(what, thrown, { cause: scrubber.cause(thrown) })
    }
  }
}

/** RFC 8705 §5: where a certificate is asked for, if that is elsewhere. */
function endpointFor(
  method: ClientAuthMethod,
  server: AuthorizationServerMetadata,
  endpoint: EndpointName,
): string {
  const aliases = isMutualTls(method) ? server.mtls_endpoint_aliases : undefined
  const alias = (aliases as Partial<Record<EndpointName, unknown>> | undefined)?.[endpoint]
  return typeof alias === 'string' && alias !== '' ? alias : requireEndpoint(server, endpoint)
}

async function unlessAborted<T>(
  task: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal?.aborted) throw abortedBeforeSending(signal)
  try {
    return await untilAborted(task(), signal)
  } catch (error) {
    throw signal?.aborted ? abortedBeforeSending(signal) : error
  }
}

function abortedBeforeSending(signal: AbortSignal): RefreshUnavailableError {
  return new RefreshUnavailableError('Aborted before the request was sent', {
    outcome: 'not-sent',
    cause: signal.reason,
  })
}
