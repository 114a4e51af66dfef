import type { ClientAuth } from 'oauth4webapi'

/**
 * Id and secret, each form-urlencoded, in `Authorization` (RFC 6749 §2.3.1, appendix B).
 *
 * Of our own, since oauth4webapi escapes `-`, `.`, `_` and `*` too. Who decodes sees no difference;
 * a server that does not would refuse the UUID of a client or the base64url of a secret.
 *
 * @internal
 */
export function clientSecretBasic(clientSecret: string): ClientAuth {
  return (_server, { client_id: clientId }, _body, headers) => {
    const credentials = `${formUrlEncode(clientId)}:${formUrlEncode(clientSecret)}`
    headers.set('authorization', `Basic ${btoa(credentials)}`)
  }
}

function formUrlEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1) // after the `=`
}
