import type { Emulation } from '../emulation.js'

const TRACE = {
  timestamp: '2026-11-28 00:00:00Z',
  trace_id: '624f7355-f654-4e51-bf41-417b1c4b6200',
  correlation_id: '06fd79c9-fe43-4f61-bb6f-22df21f2c597',
}

export const entra: Emulation = {
  issuer: 'https://login.microsoftonline.com/common/v2.0',
  options: { accessTokenLifetimeMs: 3_600_000, rotation: true, reuseGraceMs: 86_400_000 },
  success: ({ expires_in, ...tokens }) => ({ ...tokens, expires_in, ext_expires_in: expires_in }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'AADSTS700082: The refresh token has expired due to inactivity.',
        error_codes: [700082],
        ...TRACE,
        error_uri: 'https://login.microsoftonline.com/error?code=700082',
      },
    },
    revoked: {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'AADSTS50173: The provided grant has expired due to it being revoked.',
        error_codes: [50173],
        ...TRACE,
        suberror: 'bad_token',
      },
    },
    'bad-client': {
      status: 401,
      body: {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret provided.',
        error_codes: [7000215],
        ...TRACE,
      },
    },
    'bad-code': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'AADSTS70008: The provided authorization code has expired.',
        error_codes: [70008],
        ...TRACE,
      },
    },
    'resource-refused': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'AADSTS65001: The user or administrator has not consented.',
        error_codes: [65001],
        ...TRACE,
        suberror: 'consent_required',
      },
    },
  },
}
