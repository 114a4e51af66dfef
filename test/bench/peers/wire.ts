import { Agent } from 'node:http'
import axios, { type AxiosInstance } from 'axios'
import type { Issued, Setup } from './peer.ts'

/** The token endpoint's answer, as RFC 6749 §5.1 has it. */
export interface TokenAnswer {
  access_token: string
  refresh_token: string
  expires_in: number
}

/** The instance that all on axios start from: kept connections, as many as the load asks for. */
export function axiosInstance({ baseURL, adapter }: Setup): AxiosInstance {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 50 })
  return axios.create({ baseURL, httpAgent, ...(adapter && { adapter }) })
}

/** The types of peers are those of axios' CommonJS entry, which are others. */
export function commonJs(instance: AxiosInstance): any {
  return instance
}

/** A refresh as users write it, for contenders that want a function. */
export async function requestTokens(endpoint: string, refreshToken: string): Promise<TokenAnswer> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })
  const { data } = await axios.post<TokenAnswer>(endpoint, body)
  return data
}

/** At least a millisecond: no lifetime at all would say nothing of the expiry. */
export function secondsLeft({ expiresAt }: Issued): number {
  return Math.max(expiresAt - Date.now(), 1) / 1000
}
