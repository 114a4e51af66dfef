import axios from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import type { Peer, Setup } from './peer.ts'
import { axiosInstance, commonJs, requestTokens } from './wire.ts'

/** Its README, "Usage" and "Request interceptor"; the tokens are in variables for localStorage. */
function attach(
  instance: ReturnType<typeof axios.create>,
  setup: Pick<Setup, 'issued' | 'tokenEndpoint'>,
) {
  let { accessToken, refreshToken } = setup.issued
  instance.interceptors.request.use((request) => {
    request.headers.Authorization = `Bearer ${accessToken}`
    return request
  })
  createAuthRefresh(
    commonJs(instance),
    async (failed: { response: { config: { headers: Record<string, string> } } }) => {
      const answer = await requestTokens(setup.tokenEndpoint, refreshToken)
      accessToken = answer.access_token
      refreshToken = answer.refresh_token
      failed.response.config.headers.Authorization = `Bearer ${accessToken}`
    },
  )
  return instance
}

/** Knows only 401s. It has no function that gives a token. */
export const axiosAuthRefresh: Peer = {
  name: 'axios-auth-refresh',
  package: 'axios-auth-refresh',
  isOnAxios: true,
  client(setup) {
    const instance = attach(axiosInstance(setup), setup)
    return (path) => instance.get(path)
  },
  session: (issued) => attach(axios.create(), { issued, tokenEndpoint: '' }),
}
