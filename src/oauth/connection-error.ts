import { RefreshRejectedError, RefreshUnavailableError } from '../errors.js'
import { codeOfFailure, isCertificateFailure, outcomeOfFailure } from '../http/network-failure.js'

/**
 * The other side speaks no TLS (a proxy, a port of plain HTTP), or none that both know, or it wants
 * a certificate of ours: OpenSSL's names for it.
 */
const HANDSHAKE_FAILURE =
  /^ERR_SSL_(?:WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|UNKNOWN_PROTOCOL|NO_PROTOCOLS_AVAILABLE|HTTP_REQUEST|HTTPS_PROXY_REQUEST|(?:SSLV3|TLSV1|TLSV13)_ALERT_(?:HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY|UNRECOGNIZED_NAME|UNKNOWN_CA|ACCESS_DENIED|(?:NO_|BAD_|UNSUPPORTED_)?CERTIFICATE\w*))$/

/**
 * What a request that got no response comes to. The reason is in the message itself: `fetch` puts
 * it three causes deep.
 *
 * @param what - who was asked, at the beginning of a sentence
 * @param thrown - by `fetch`
 * @param facts.cause - the same without secrets
 * @param facts.outcome - if it is not what the failure says
 * @internal
 */
export function connectionError(
  what: string,
  thrown: unknown,
  facts: { cause: unknown; outcome?: RefreshUnavailableError['outcome'] },
): RefreshRejectedError | RefreshUnavailableError {
  const { cause, outcome = outcomeOfFailure(thrown) } = facts
  const code = codeOfFailure(thrown)
  if (isCertificateFailure(code)) {
    return new RefreshRejectedError(
      `${what} has a certificate that is not trusted (${code}): if a proxy intercepts TLS, set NODE_EXTRA_CA_CERTS to its certificate`,
      { cause },
    )
  }
  if (code !== undefined && HANDSHAKE_FAILURE.test(code)) {
    return new RefreshRejectedError(
      `${what} could not agree on TLS (${code}): check that this address speaks HTTPS, and that no proxy on the way blocks it`,
      { cause },
    )
  }
  const why = code === undefined ? '' : ` (${code})`
  return new RefreshUnavailableError(`${what} did not respond${why}`, { outcome, cause })
}
