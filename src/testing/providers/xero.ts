import type { Emulation } from '../emulation.js'

export const xero: Emulation = {
  issuer: 'https://identity.xero.com',
  paths: {
    authorization: '/identity/connect/authorize',
    token: '/connect/token',
    revocation: '/connect/revocation',
  },
  options: { accessTokenLifetimeMs: 1_800_000, rotation: true, reuseGraceMs: 1_800_000 },
  refusals: { 'bad-client': { status: 400, body: { error: 'invalid_client' } } },
}
