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
import type { ClientConfig } from './client-options.js'
import { connectionError } from './connection-error.js'
import { requireEndpoint, type EndpointName } from './endpoints.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
import type { TokenFetchResponse, Transport } from './transport.js'

/** What a request function of oauth4webapi is called with. */
export interface Wire {
  readonly server: AuthorizationServer
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

/** An answer, and what must be known of its request to read it. */
export interface SentAnswer {
  readonly answer: TokenFetchResponse
  /** Epoch milliseconds. */
  readonly sentAt: number
  readonly scrubber: Scrubber
}

/** One request to one endpoint, authenticated as the client. */
export interface Sending {
  readonly endpoint: EndpointName
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
  return async ({ endpoint, secrets, signal, request }) => {
    const server = await unlessAborted(discover, signal)
    requireEndpoint(server, endpoint)
    const credentials = await unlessAborted(config.credentials, signal)
    const scrubber = createScrubber([...credentials.secrets, ...secrets])
    const sentAt = now()
    try {
      const answer = await request({
        server: server as AuthorizationServer,
        client: { client_id: config.clientId },
        authenticate: credentials.authenticate,
        options: {
          [allowInsecureRequests]: true, // the transport has a finer rule
          [customFetch]: (url, outgoing) => {
            if (signal?.aborted) throw abortedBeforeSending(signal)
            return transport(url, outgoing, signal) as Promise<Response>
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
