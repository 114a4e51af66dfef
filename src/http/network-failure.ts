/** Failed before a byte of the request was sent: name lookup, connecting, the TLS handshake. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused', // Bun
  'FailedToOpenSocket', // Bun
])

/** Node names a certificate's failure by OpenSSL's own name for it. */
const CERTIFICATE_FAILURES = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_VERIFY_LEAF_CERTIFICATE', // Bun
])

const DEEPEST = 5

/**
 * Whether a request that failed without a response can have reached the server. `not-sent` only
 * where the connection was surely never made. Whatever else went wrong (a reset, a timeout, an
 * abort, a body cut short, an error nobody knows) is `unknown`, since the server may have done it.
 *
 * Looks at `code`, at the `cause` (where Node's fetch puts the socket's error) and at the
 * `errors` of an `AggregateError` (one for each address tried: all must have failed to connect).
 *
 * @internal
 */
export function outcomeOfFailure(error: unknown): 'not-sent' | 'unknown' {
  return neverConnected(error, 0) ? 'not-sent' : 'unknown'
}

/**
 * The code of the failure, however deep `fetch` has put it: `ECONNREFUSED`, `CERT_HAS_EXPIRED`.
 *
 * @internal
 */
export function codeOfFailure(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return undefined
  const { code, cause, errors } = error as Record<string, unknown>
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : []
  const deeper = codeOfFailure(cause ?? first, depth + 1)
  return deeper ?? (typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : undefined)
}

/** Whether the other side's certificate was refused, which no waiting changes. @internal */
export function isCertificateFailure(code: string | undefined): boolean {
  return code !== undefined && CERTIFICATE_FAILURES.has(code)
}

function neverConnected(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return false
  const { code, syscall, cause, errors } = error as Record<string, unknown>
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.every((each) => neverConnected(each, depth + 1))
  }
  if (typeof code === 'string') {
    if (NEVER_CONNECTED.has(code) || CERTIFICATE_FAILURES.has(code)) return true
    // A timeout is told apart by what was going on: connecting, or reading the response.
    if (code === 'ETIMEDOUT' && syscall === 'connect') return true
  }
  return neverConnected(cause, depth + 1)
}
