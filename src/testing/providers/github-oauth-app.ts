import type { Emulation } from '../emulation.js'
import { GITHUB } from './github.js'

export const githubOAuthApp: Emulation = {
  ...GITHUB,
  options: { accessTokenFormat: 'opaque', omitExpiresIn: true },
  success: ({ access_token, scope = '' }) => ({
    access_token,
    scope: scope.replaceAll(' ', ','),
    token_type: 'bearer',
  }),
}
