// One axios instance and its connection pool; the user comes with the request.
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios'
import type { TokenManager, TokenSource } from 'tokenward'
import { attachTokens, detachTokens } from 'tokenward/axios'

declare const sessions: Map<string, TokenManager>

const api: AxiosInstance = attachTokens(axios.create({ baseURL: 'https://api.example.com' }))

export async function handle(sessionId: string, form: FormData): Promise<void> {
  const tokens = sessions.get(sessionId)
  if (!tokens) throw new Error('No such session')
  await api.get('/me', { tokens })
  await api.post('/notes', { text: 'hello' }, { tokens })
  await api.post('/login', form, { tokens: false })
  await api.request({ url: '/me', method: 'GET', tokens })
}

/** Or found by a function of the request's config. */
export const perTenant = attachTokens(
  axios.create({ baseURL: 'https://api.example.com' }),
  (config): TokenSource | undefined => sessions.get(String(config.headers.get('x-tenant'))),
  {
    header: 'X-Access-Token',
    format: (token) => token,
    isRejected: ({ status }) => status === 419,
  },
)

export const config: AxiosRequestConfig = { url: '/public', tokens: false }

/** An instance of a type of one's own stays of that type. */
export interface Api extends AxiosInstance {
  readonly name: string
}
declare const own: Api
export const named: string = attachTokens(own).name + detachTokens(own).name
