/** What the server has, and where, below its issuer. */
export interface Paths {
  readonly token: string
  readonly revocation: string
  readonly authorization: string
  readonly pushedAuthorization: string
  readonly deviceAuthorization: string
  /** Where the user types the code of another device. */
  readonly device: string
  readonly jwks: string
}

export const PATHS: Paths = {
  token: '/token',
  revocation: '/revoke',
  authorization: '/authorize',
  pushedAuthorization: '/par',
  deviceAuthorization: '/device_authorization',
  device: '/device',
  jwks: '/jwks',
}
