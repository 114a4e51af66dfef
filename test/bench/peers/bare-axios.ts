import type { Peer } from './peer.ts'
import { axiosInstance } from './wire.ts'

/** The floor: axios with a static header. */
export const bareAxios: Peer = {
  name: 'bare axios',
  isOnAxios: true,
  client(setup) {
    const instance = axiosInstance(setup)
    instance.defaults.headers.common.Authorization = `Bearer ${setup.issued.accessToken}`
    return (path) => instance.get(path)
  },
  session: ({ accessToken, refreshToken, expiresAt }) => ({ accessToken, refreshToken, expiresAt }),
}
