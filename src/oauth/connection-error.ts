import { RefreshRejectedError, RefreshUnavailableError } from '../errors.js'
import { codeOfFailure, isCertificateFailure, outcomeOfFailure } from '../http/network-failure.js'

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
  const why = code === undefined ? '' : ` (${code})`
  return new RefreshUnavailableError(`${what} did not respond${why}`, { outcome, cause })
}
