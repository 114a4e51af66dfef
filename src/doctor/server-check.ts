import { isTokenError } from '../errors.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import type { Provider } from '../oauth/provider.js'
import type { AuthorizationServerMetadata } from '../oauth/server-metadata.js'
import type { Finding } from './report.js'

/** By the names of the metadata and of the preset. */
const ENDPOINTS = {
  authorization_endpoint: 'authorization',
  token_endpoint: 'token',
  device_authorization_endpoint: 'deviceAuthorization',
  revocation_endpoint: 'revocation',
  end_session_endpoint: 'endSession',
} as const

/** What the preset knows. */
export function presetFindings(provider: Provider): Finding[] {
  const { about, clientAuth, refreshTokens, pkce, assumedLifetimeMs } = provider
  const notes = [
    clientAuth && `clients authenticate by ${clientAuth}`,
    refreshTokens && REFRESH_TOKENS[refreshTokens],
    pkce === false ? 'logins do not use PKCE' : undefined,
    assumedLifetimeMs &&
      `access tokens are assumed to be valid for ${assumedLifetimeMs / 60_000} minutes`,
    about && `from ${about.sources.join(' and ')}, on ${about.readOn}`,
    ...(about?.unsure ?? []).map((text) => `unsure: ${text}`),
  ]
  return notes.flatMap((text): Finding[] =>
    text ? [{ about: 'preset', verdict: 'note', text }] : [],
  )
}

const REFRESH_TOKENS: Readonly<Record<NonNullable<Provider['refreshTokens']>, string>> = {
  rotated: 'each refresh returns a new refresh token, and the old one becomes invalid',
  reused: 'the refresh token stays the same',
  none: 'there are no refresh tokens',
  'access-token': 'there are no refresh tokens: the access token is exchanged while it is valid',
}

/** What the server says of itself. */
export async function metadataFindings(client: OAuthClient): Promise<Finding[]> {
  const finding = (verdict: Finding['verdict'], text: string): Finding => ({
    about: 'metadata',
    verdict,
    text,
  })
  try {
    const metadata = await client.discover()
    return Object.keys(ENDPOINTS).map((name) =>
      typeof metadata[name] === 'string'
        ? finding('good', `${name} is ${metadata[name]}`)
        : finding('note', `there is no ${name}`),
    )
  } catch (error) {
    if (!isTokenError(error)) throw error
    return [finding('problem', error.message)]
  }
}

/** What of the preset's endpoints the metadata of an issuer say otherwise. */
export function differences(provider: Provider, metadata: AuthorizationServerMetadata): Finding[] {
  const endpoints = provider.endpoints ?? {}
  return Object.entries(ENDPOINTS).flatMap(([name, key]): Finding[] => {
    const [ours, theirs] = [endpoints[key], metadata[name]]
    if (ours === undefined || typeof theirs !== 'string' || ours === theirs) return []
    const text = `the preset has ${ours} as ${name}, the server says ${theirs}`
    return [{ about: 'metadata', verdict: 'problem', text }]
  })
}
