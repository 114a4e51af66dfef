import type { ClientAuth } from 'oauth4webapi'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** An assertion that someone else signed (RFC 7523 §2.2): a KMS, a platform's identity. @internal */
export function assertionAuthentication(assertion: string): ClientAuth {
  return (_server, { client_id: clientId }, body) => {
    body.set('client_id', clientId)
    body.set('client_assertion_type', ASSERTION_TYPE)
    body.set('client_assertion', assertion)
  }
}
