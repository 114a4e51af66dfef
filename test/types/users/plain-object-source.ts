// A plain object, the smallest mock of a test, is a TokenSource; so is the fake of the package.
import axios from 'axios'
import type { TokenManager, TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { fakeTokens } from 'tokenward/testing'

const smallest: TokenSource = { getAccessToken: () => Promise.resolve('a-token') }
const baseURL = 'https://api.example.com'

attachTokens(axios.create({ baseURL }), smallest)
attachTokens(axios.create({ baseURL }), { getAccessToken: async () => 'a-token' })
attachTokens(axios.create({ baseURL }), {
  getAccessToken: async ({ signal } = {}) => (signal?.aborted ? '' : 'a-token'),
  current: () => undefined,
  renew: async (rejected) => ({ token: `not ${rejected?.token}` }),
})
attachTokens(axios.create({ baseURL }), fakeTokens({ tokens: ['first', 'second'] }))

declare const manager: TokenManager
export const source: TokenSource = manager
