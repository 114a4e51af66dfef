import { memoryStore, toTokenSet } from 'tokenward'
import { mcpSession, type McpSession } from 'tokenward/mcp'
import type { Target } from './target.js'
import { HEADER_WORDS, JSON_WORDS } from './words.js'

const SERVER = 'https://mcp.example.com/mcp'
const ISSUER = 'https://auth.example.com'
const RESOURCE_METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
const SERVER_METADATA = `${ISSUER}/.well-known/openid-configuration`
const ENDPOINTS = {
  issuer: ISSUER,
  token_endpoint: `${ISSUER}/token`,
  authorization_endpoint: `${ISSUER}/authorize`,
  registration_endpoint: `${ISSUER}/register`,
}

/** The login, a refresh, a step-up and a logout of a session at servers that say this. */
async function useSession(said: Record<string, string>, challenge = 'Bearer'): Promise<void> {
  const responses: Record<string, string> = {
    [RESOURCE_METADATA]: JSON.stringify({ resource: SERVER, authorization_servers: [ISSUER] }),
    [SERVER_METADATA]: JSON.stringify(ENDPOINTS),
    [ENDPOINTS.registration_endpoint]: JSON.stringify({ client_id: 'c' }),
    [ENDPOINTS.token_endpoint]: JSON.stringify({ access_token: 'a', token_type: 'bearer' }),
    ...said,
  }
  const insecure: string[] = []
  const fetch = async (input: string | URL | Request) => {
    const url = String(input)
    if (!url.startsWith('https:')) insecure.push(url)
    if (url === SERVER) return refusalWith(challenge)
    const body = responses[url]
    return new Response(body ?? null, { status: body === undefined ? 404 : 200 })
  }
  const session = mcpSession({
    url: SERVER,
    store: memoryStore(),
    fetch,
    async login({ client, redirectUri, scope, resource }) {
      const { url } = await client.authorizationRequest({
        redirectUri: String(redirectUri),
        ...(scope !== undefined && { scope }),
        ...(resource !== undefined && { resource }),
      })
      if (!url.startsWith('https:')) insecure.push(url)
      return toTokenSet({ access_token: 'a', refresh_token: 'r', expires_in: 60 })
    },
    retry: { attempts: 1 },
  })
  const [outcome] = await Promise.allSettled([useAll(session)])
  await session.close()
  if (insecure.length > 0) throw new Error(`a request or the user was sent to ${insecure.join()}`)
  if (outcome.status === 'rejected') throw outcome.reason
}

/** Whatever the text is: real headers take fewer signs than parsers are given elsewhere. */
function refusalWith(challenge: string): Response {
  const get = (name: string) => (name.toLowerCase() === 'www-authenticate' ? challenge : null)
  return Object.defineProperty(new Response(null, { status: 401 }), 'headers', { value: { get } })
}

async function useAll({ fetch, logIn, tokens }: McpSession): Promise<void> {
  await fetch(SERVER)
  await logIn()
  await tokens.refresh()
  await tokens.signOut({ revoke: true })
}

/** What a server says at whose address any program may come by. */
export const MCP_TARGETS: readonly Target[] = [
  {
    name: 'mcp-resource-metadata',
    words: [...JSON_WORDS, `"resource":"${SERVER}"`, '"authorization_servers":[', '"scopes_supported":[', ISSUER, 'http://127.0.0.1', 'javascript:'], // prettier-ignore
    read: (text) => useSession({ [RESOURCE_METADATA]: text }),
  },
  {
    name: 'mcp-server-metadata',
    words: [...JSON_WORDS, `"issuer":"${ISSUER}"`, ...Object.keys(ENDPOINTS).map((name) => `"${name}":`), '"scopes_supported":["offline_access"]', '"client_id_metadata_document_supported":true', 'http://127.0.0.1', '{tenant}', 'javascript:'], // prettier-ignore
    read: (text) => useSession({ [SERVER_METADATA]: text }),
  },
  {
    name: 'mcp-challenge',
    words: [...HEADER_WORDS, 'resource_metadata="', RESOURCE_METADATA, 'http://127.0.0.1', 'file:', 'scope="a b"', 'max_age=1e309', 'acr_values="'], // prettier-ignore
    read: (text) => useSession({}, text),
  },
  {
    name: 'mcp-registration',
    words: [...JSON_WORDS, '"client_id":', '"client_secret":', '"token_endpoint_auth_method":"private_key_jwt"', '"client_secret_jwt"', '"none"', '"error":"invalid_redirect_uri"'], // prettier-ignore
    read: (text) => useSession({ [ENDPOINTS.registration_endpoint]: text }),
  },
]
