import {
  applyAuthTokenInterceptor,
  refreshTokenIfNeeded,
  setAuthTokens,
  applyStorage,
} from 'axios-jwt'
import type { Peer, Setup } from './peer.ts'
import { axiosInstance, commonJs, requestTokens } from './wire.ts'

/** Its README, "You can create you own storage": there is no localStorage here. */
function memoryStorage() {
  const values = new Map<string, string>()
  return {
    get: async (key: string) => values.get(key) ?? null,
    set: async (key: string, value: string) => void values.set(key, value),
    remove: async (key: string) => void values.delete(key),
  }
}

const requestRefresh = (endpoint: string) => async (refreshToken: string) => {
  const answer = await requestTokens(endpoint, refreshToken)
  return { accessToken: answer.access_token, refreshToken: answer.refresh_token }
}

function logIn({ issued }: Setup) {
  return setAuthTokens({ accessToken: issued.accessToken, refreshToken: issued.refreshToken })
}

/**
 * Wants JWTs, with a leeway of 10 s unless told: with tokens of 2 s it would refresh at each request,
 * so the leeway is 200 ms. Its tokens are the module's own: it serves one user a process.
 */
export const axiosJwt: Peer = {
  name: 'axios-jwt',
  package: 'axios-jwt',
  isOnAxios: true,
  async tokenGetter(setup) {
    applyStorage(memoryStorage())
    await logIn(setup)
    const refresh = requestRefresh(setup.tokenEndpoint)
    return () => refreshTokenIfNeeded(refresh)
  },
  client(setup) {
    const instance = axiosInstance(setup)
    const storage = memoryStorage()
    applyAuthTokenInterceptor(commonJs(instance), {
      requestRefresh: requestRefresh(setup.tokenEndpoint),
      getStorage: () => storage,
      tokenExpireFudge: 0.2,
    })
    const loggedIn = logIn(setup)
    return async (path) => {
      await loggedIn
      return instance.get(path)
    }
  },
}
