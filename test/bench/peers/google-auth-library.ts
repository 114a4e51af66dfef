import { OAuth2Client } from 'google-auth-library'
import type { Issued, Peer, Setup } from './peer.ts'

/**
 * Its README, "OAuth2". Its eager threshold of 5 minutes would refresh tokens of 2 s at each request:
 * such are refreshed when they expire (a threshold of 0 counts as none given).
 */
function clientOf({
  issued,
  tokenEndpoint,
}: Pick<Setup, 'issued' | 'tokenEndpoint'>): OAuth2Client {
  const isShort = issued.expiresAt - Date.now() < 600_000
  const client = new OAuth2Client({
    clientId: 'bench',
    clientSecret: 'secret',
    ...(tokenEndpoint && { endpoints: { oauth2TokenUrl: tokenEndpoint } }),
    ...(isShort && { eagerRefreshThresholdMillis: 1 }),
  })
  client.setCredentials(credentialsOf(issued))
  return client
}

function credentialsOf({ accessToken, refreshToken, expiresAt }: Issued) {
  return { access_token: accessToken, refresh_token: refreshToken, expiry_date: expiresAt }
}

export const googleAuthLibrary: Peer = {
  name: 'google-auth-library',
  package: 'google-auth-library',
  async tokenGetter(setup) {
    const client = clientOf(setup)
    return () => client.getAccessToken()
  },
  client(setup) {
    const client = clientOf(setup)
    return (path) => client.request({ url: setup.baseURL + path })
  },
  session: (issued) => clientOf({ issued, tokenEndpoint: '' }),
}
