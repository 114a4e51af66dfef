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
  return (_server, { client_id: clientId }, _body, headers) =>
    headers.set('authorization', `Basic ${encodedCredentials(clientId, clientSecret)}`)
}

/** The same without form encoding, as RFC 7617 has it: several servers do not decode. @internal */
export function rawClientSecretBasic(clientSecret: string): ClientAuth {
  return (_server, { client_id: clientId }, _body, headers) =>
    headers.set('authorization', `Basic ${rawCredentials(clientId, clientSecret)}`)
}

/** What a server may quote of either. @internal */
export function basicCredentials(clientId: string, clientSecret: string): string[] {
  return [encodedCredentials(clientId, clientSecret), rawCredentials(clientId, clientSecret)]
}

function encodedCredentials(clientId: string, clientSecret: string): string {
  return btoa(`${formUrlEncode(clientId)}:${formUrlEncode(clientSecret)}`)
}

function rawCredentials(clientId: string, clientSecret: string): string {
  const bytes = new TextEncoder().encode(`${clientId}:${clientSecret}`)
  return btoa(String.fromCharCode(...bytes))
}

function formUrlEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1) // after the `=`
}
