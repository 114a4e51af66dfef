// A CI job with one token that nobody renews, and a session on a developer's machine.
import axios from 'axios'
import { fixedToken, type TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'

export function apiOf(ciToken: string | undefined, session: TokenSource) {
  const source = ciToken ? fixedToken(ciToken) : session
  return attachTokens(axios.create(), source, { origins: ['https://api.example.com'] })
}

export async function header(source: TokenSource): Promise<{ authorization: string }> {
  const token = await source.getAccessToken({ minValidityMs: 60_000 })
  return { authorization: `Bearer ${token}` }
}
