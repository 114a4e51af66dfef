// An API of one's own with a hand-made `/auth/refresh`, called by axios.
import axios from 'axios'
import { isTokenError, LoginRequiredError, TokenManager, tokenErrorOf } from 'tokenward'
import { attachTokens } from 'tokenward/axios'

interface LegacyAnswer {
  token: string
  refresh: string
  expiresIn: number
}

const auth = axios.create({ baseURL: 'https://api.example.com' })

const tokens = new TokenManager({
  initialTokens: { accessToken: 'from the login', refreshToken: 'from the login', expiresIn: 900 },
  async refresh({ refreshToken, signal }) {
    const { data, status } = await auth.post<LegacyAnswer>(
      '/auth/refresh',
      { refreshToken },
      { signal, validateStatus: (code) => code < 500 },
    )
    if (status === 401) throw new LoginRequiredError()
    return { accessToken: data.token, refreshToken: data.refresh, expiresIn: data.expiresIn }
  },
  endsSession: (error) => error.status === 403,
})

export const api = attachTokens(axios.create({ baseURL: 'https://api.example.com' }), tokens)

export async function whoami(): Promise<string> {
  try {
    return (await api.get<{ name: string }>('/me')).data.name
  } catch (error) {
    if (tokenErrorOf(error) instanceof LoginRequiredError) return 'nobody'
    if (isTokenError(error)) return error.code satisfies string
    throw error
  }
}
