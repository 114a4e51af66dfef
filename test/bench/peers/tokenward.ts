import { TokenManager } from '../../../dist/index.js'
import { attachTokens } from '../../../dist/axios.js'
import type { Issued, Peer, Setup } from './peer.ts'
import { axiosInstance, requestTokens, secondsLeft } from './wire.ts'

/** The README's "Quick start", with the refresh that everybody here has. */
function managerOf({ issued, tokenEndpoint }: Setup): TokenManager {
  return new TokenManager({
    refresh: ({ refreshToken }) => requestTokens(tokenEndpoint, refreshToken),
    initialTokens: tokensOf(issued),
  })
}

function tokensOf(issued: Issued) {
  const { accessToken, refreshToken } = issued
  return { accessToken, refreshToken, expiresIn: secondsLeft(issued) }
}

const refresh = () => Promise.reject(new Error('not to be called'))

/** What is measured: the built package, as users get it. */
export const tokenward: Peer = {
  name: 'tokenward',
  isOnAxios: true,
  async tokenGetter(setup) {
    const manager = managerOf(setup)
    return () => manager.getAccessToken()
  },
  client(setup) {
    const instance = attachTokens(axiosInstance(setup), managerOf(setup))
    return (path) => instance.get(path)
  },
  session: (issued) => new TokenManager({ refresh, initialTokens: tokensOf(issued) }),
}
