import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client'
import type { Peer, Setup } from './peer.ts'

/** Its README, "Fetch Wrapper" and "Storing tokens for later use". */
function wrapperOf({
  issued,
  tokenEndpoint,
}: Pick<Setup, 'issued' | 'tokenEndpoint'>): OAuth2Fetch {
  const client = new OAuth2Client({ clientId: 'bench', clientSecret: 'secret', tokenEndpoint })
  return new OAuth2Fetch({ client, getNewToken: () => null, getStoredToken: () => issued })
}

export const oauth2Client: Peer = {
  name: '@badgateway/oauth2-client',
  package: '@badgateway/oauth2-client',
  async tokenGetter(setup) {
    const wrapper = wrapperOf(setup)
    return () => wrapper.getAccessToken()
  },
  client(setup) {
    const wrapper = wrapperOf(setup)
    return async (path) => {
      const response = await wrapper.fetch(setup.baseURL + path)
      if (!response.ok) throw new Error(`answered ${response.status}`)
      return response.json()
    }
  },
  session: (issued) => wrapperOf({ issued, tokenEndpoint: 'https://auth.example/token' }),
}
