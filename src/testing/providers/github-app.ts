import type { Emulation } from '../emulation.js'
import { GITHUB } from './github.js'

export const githubApp: Emulation = {
  ...GITHUB,
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 28_800_000, rotation: true },
  success: ({ access_token, expires_in, refresh_token }) => ({
    access_token,
    expires_in,
    refresh_token,
    refresh_token_expires_in: 15_897_600,
    scope: '',
    token_type: 'bearer',
  }),
  refusals: {
    ...GITHUB.refusals,
    'dead-token': {
      status: 200,
      body: {
        error: 'bad_refresh_token',
        error_description: 'The refresh token passed is incorrect or expired.',
        error_uri: 'https://docs.github.com',
      },
    },
  },
}
