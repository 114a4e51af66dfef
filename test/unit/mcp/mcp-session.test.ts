import { inspect } from 'node:util'
import { isTokenError, memoryStore, tokenErrorOf, type TokenSet } from 'tokenward'
import { mcpSession, type McpLoginRequest, type McpSessionOptions } from 'tokenward/mcp'
import { describe, expect, it } from 'vitest'

const SERVER = 'https://mcp.example.com/team/mcp'
const ISSUER = 'https://auth.example.com'
const WELL_KNOWN = 'https://mcp.example.com/.well-known/oauth-protected-resource'

type Handler = (request: Request) => Response | Promise<Response>

const json = (body: unknown, status = 200) => Response.json(body, { status })
const refusal = (challenge = 'Bearer') =>
  new Response(null, { status: 401, headers: { 'www-authenticate': challenge } })

/** An MCP server, its authorization server, and a user who says yes. */
function world(routes: Record<string, Handler> = {}, options: Partial<McpSessionOptions> = {}) {
  const sent: Request[] = []
  const logins: McpLoginRequest[] = []
  const metadata = {
    issuer: ISSUER,
    token_endpoint: `${ISSUER}/token`,
    authorization_endpoint: `${ISSUER}/authorize`,
    registration_endpoint: `${ISSUER}/register`,
    scopes_supported: ['a', 'offline_access'],
  }
  const all: Record<string, Handler> = {
    [SERVER]: ({ headers }) =>
      headers.get('authorization') === 'Bearer T1' ? json({ ok: true }) : refusal(),
    [`${WELL_KNOWN}/team/mcp`]: () =>
      json({ resource: SERVER, authorization_servers: [ISSUER], scopes_supported: ['a', 'b'] }),
    [`${ISSUER}/.well-known/openid-configuration`]: () => json(metadata),
    [`${ISSUER}/register`]: () => json({ client_id: 'registered' }, 201),
    ...routes,
  }
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, { ...init, duplex: 'half' } as RequestInit)
    sent.push(request.clone())
    return (await all[request.url]?.(request)) ?? new Response(null, { status: 404 })
  }
  const login = async (request: McpLoginRequest): Promise<TokenSet> => {
    logins.push(request)
    const accessToken = `T${logins.length}`
    return { accessToken, refreshToken: 'R', tokenType: 'bearer', issuedAt: Date.now(), expiresAt: Date.now() + 300_000 } // prettier-ignore
  }
  const store = memoryStore()
  const session = mcpSession({ url: SERVER, store, fetch, login, ...options })
  const to = (url: string) => sent.filter((request) => request.url === url)
  return { session, sent, to, logins, metadata, store }
}

const post = { method: 'POST', body: '{}' }
const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error) // prettier-ignore

describe('what a login asks for', () => {
  it('is the resource as its metadata have it, all its scopes, and a refresh token', async () => {
    const { session, logins } = world()
    expect((await session.fetch(SERVER, post)).status).toBe(200)
    expect(logins).toMatchObject([
      { resource: SERVER, scope: 'a b offline_access', prompt: 'consent' },
    ])
  })

  it('is the scope of the challenge where it names one', async () => {
    const { session, logins } = world({
      [SERVER]: ({ headers }) =>
        headers.has('authorization') ? json({}) : refusal('Bearer scope="b"'),
    })
    await session.fetch(SERVER, post)
    expect(logins).toMatchObject([{ scope: 'b offline_access' }])
  })

  it('is what a step-up wants besides: a stronger login, claims', async () => {
    const { session, logins } = world({
      [SERVER]: ({ headers }) =>
        headers.get('authorization') === 'Bearer T2'
          ? json({})
          : refusal(
              'Bearer error="insufficient_user_authentication", acr_values="gold", max_age=5',
            ),
    })
    await session.logIn()
    expect((await session.fetch(SERVER, post)).status).toBe(200)
    expect(logins[1]).toMatchObject({ acrValues: ['gold'], maxAgeSeconds: 5 })
  })
})

describe("the MCP server's metadata", () => {
  it('are where the challenge says', async () => {
    const elsewhere = 'https://mcp.example.com/meta'
    const { session, logins, to } = world({
      [SERVER]: ({ headers }) =>
        headers.has('authorization')
          ? json({})
          : refusal(`Bearer resource_metadata="${elsewhere}"`),
      [elsewhere]: () => json({ resource: 'https://mcp.example.com/team', authorization_servers: [ISSUER] }), // prettier-ignore
    })
    await session.fetch(SERVER, post)
    expect(logins).toMatchObject([{ resource: 'https://mcp.example.com/team' }])
    expect(to(`${WELL_KNOWN}/team/mcp`)).toEqual([])
  })

  it('are at the root where they are not below the path', async () => {
    const { session, logins } = world({
      [`${WELL_KNOWN}/team/mcp`]: () => new Response(null, { status: 404 }),
      [WELL_KNOWN]: () => json({ resource: 'https://mcp.example.com/', authorization_servers: [ISSUER] }), // prettier-ignore
    })
    await session.logIn()
    expect(logins).toMatchObject([{ resource: 'https://mcp.example.com/' }])
  })

  it('may be missing: the server is its own authorization server then', async () => {
    const { session, logins } = world({
      [`${WELL_KNOWN}/team/mcp`]: () => new Response(null, { status: 404 }),
      'https://mcp.example.com/.well-known/oauth-authorization-server': () =>
        json({ issuer: 'https://mcp.example.com', token_endpoint: 'https://mcp.example.com/t', registration_endpoint: `${ISSUER}/register` }), // prettier-ignore
    })
    await session.logIn()
    expect(logins).toHaveLength(1)
    expect(logins[0]).not.toHaveProperty('resource')
  })

  it.each([
    ['another server', 'https://evil.example.com/mcp'],
    ['another path', 'https://mcp.example.com/team/mcp-2'],
    ['no URL', 'mcp'],
    ['a user of the server', 'https://evil@mcp.example.com/team/mcp'],
    ['a fragment', `${SERVER}#tools`],
    ['what no URL has', 'https://mcp.\texample.com/team/mcp'],
  ])('that are of %s are refused, and nobody is asked to log in', async (_, resource) => {
    const { session, logins } = world({
      [`${WELL_KNOWN}/team/mcp`]: () => json({ resource, authorization_servers: [ISSUER] }),
    })
    expect(await failure(session.logIn())).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    expect(logins).toEqual([])
  })

  it.each([
    'http://mcp.example.com/meta',
    'http://127.0.0.1:9/meta',
    'file:///etc/passwd',
    'nonsense',
  ])('are not asked for at %s', async (url) => {
    const { session, sent } = world({ [SERVER]: () => refusal(`Bearer resource_metadata="${url}"`) }) // prettier-ignore
    expect(await failure(session.fetch(SERVER, post))).toMatchObject({ code: 'ERR_REFRESH_REJECTED' }) // prettier-ignore
    expect(sent.map(({ url }) => url)).toEqual([SERVER])
  })

  it('are not where a redirect to another origin says', async () => {
    const evil = 'https://evil.example.com/meta'
    const { session, logins, to } = world({
      [SERVER]: () => {
        const refused = refusal(`Bearer resource_metadata="${evil}"`)
        return Object.defineProperty(refused, 'url', { value: 'https://evil.example.com/' })
      },
      [evil]: () => json({ resource: SERVER, authorization_servers: ['https://evil.example.com'] }),
    })
    expect((await session.fetch(SERVER, post)).status).toBe(401)
    expect([to(evil), logins]).toEqual([[], []])
  })

  it.each(['http://auth.example.com', 'http://127.0.0.1:9', 'nonsense'])(
    'that name %s as authorization server are refused',
    async (issuer) => {
      const { session, logins } = world({
        [`${WELL_KNOWN}/team/mcp`]: () => json({ resource: SERVER, authorization_servers: [issuer] }), // prettier-ignore
      })
      expect(await failure(session.logIn())).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
      expect(logins).toEqual([])
    },
  )

  // A template was taken before it was looked at, and what it led to as if the server were here.
  it.each(['http://127.0.0.1:9/{-}', 'http://evil.example.com/{tenant}', 5, ['https://a'], ''])(
    'that lead to an authorization server with the token endpoint %j are refused',
    async (token_endpoint) => {
      const { session, logins, sent, metadata } = world()
      Object.assign(metadata, { token_endpoint, authorization_endpoint: 'http://127.0.0.1:9/' })
      expect(await failure(session.logIn())).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
      expect(logins).toEqual([])
      expect(sent.filter(({ url }) => !url.startsWith('https:'))).toEqual([])
    },
  )

  it.each<[string, Record<string, unknown>, Partial<McpSessionOptions>?]>([
    ['have plain HTTP', { token_endpoint: 'http://auth.example.com/token' }],
    ['are of another issuer', { issuer: 'https://evil.example.com' }],
    ['register no client', { registration_endpoint: undefined }],
    ['lead the user to plain HTTP', { authorization_endpoint: 'http://auth.example.com/' }],
    ['have no page for the user', { authorization_endpoint: undefined }],
  ])('that %s are refused by a message that names no option of others', async (_, members) => {
    const login = async ({ client, redirectUri }: McpLoginRequest): Promise<TokenSet> => {
      await client.authorizationRequest({ redirectUri: String(redirectUri) })
      throw new Error('It was begun')
    }
    const { session, metadata } = world({}, { login })
    Object.assign(metadata, members)
    const error = await failure(session.logIn())
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    const named = [...String(error).matchAll(/`(\w+)`/g)].map(([, name]) => name)
    expect(named.filter((name) => !['clientId', 'issuer'].includes(name!))).toEqual([])
    expect(String(error)).not.toMatch(/allowInsecure|tokenEndpoint|metadata` that|check `issuer/)
  })

  it('that lead the user to an honest server, whose response says so, bring nobody the code', async () => {
    const honest = 'https://honest.example.com'
    const login = async ({ client, redirectUri }: McpLoginRequest): Promise<TokenSet> => {
      const request = await client.authorizationRequest({ redirectUri: String(redirectUri) })
      expect(request.url).toContain(honest)
      return client.authorizationCode(`code=c&state=${request.state}&iss=${honest}`, request)
    }
    const { session, metadata, to } = world({}, { login })
    Object.assign(metadata, { authorization_endpoint: `${honest}/authorize` })
    expect(await failure(session.logIn())).toMatchObject({ code: 'ERR_LOGIN', reason: 'issuer' })
    expect(to(`${ISSUER}/token`)).toEqual([])
  })

  it('that cannot be had for a moment are no end: 503 is passing', async () => {
    const { session } = world({ [`${WELL_KNOWN}/team/mcp`]: () => new Response(null, { status: 503 }) }) // prettier-ignore
    expect(await failure(session.logIn())).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', isTransient: true }) // prettier-ignore
  })

  it.each<[string, unknown[], string]>([
    ['what is no scope', ['a', 5, null, {}, { toString: 1 }, ['b'], 'x\u001b', 'y z', ''], 'a offline_access'], // prettier-ignore
    ['a list without end', Array.from({ length: 5_000 }, (_, at) => `s${at}`), 'offline_access'],
  ])('may have %s in the place of scopes, which is not asked for', async (_, scopes, scope) => {
    const { session, logins } = world({
      [`${WELL_KNOWN}/team/mcp`]: () =>
        json({ resource: SERVER, authorization_servers: [ISSUER], scopes_supported: scopes }),
    })
    expect((await session.fetch(SERVER, post)).status).toBe(200)
    expect(logins[0]!.scope).toBe(scope)
  })

  it.each(['<html>', '[]', '{}', '{"resource":5}', 'null'])(
    '%s is no failure of ours',
    async (body) => {
      const { session } = world({ [`${WELL_KNOWN}/team/mcp`]: () => new Response(body) })
      expect(isTokenError(await failure(session.logIn()))).toBe(true)
    },
  )
})

describe('the client', () => {
  it('is registered as a native application that keeps no secret', async () => {
    const { session, to } = world(
      {},
      { clientMetadata: { client_name: 'My CLI', software_id: 'x' } },
    )
    await session.logIn()
    expect(await to(`${ISSUER}/register`)[0]!.json()).toEqual({
      application_type: 'native',
      client_name: 'My CLI',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1/callback'],
      response_types: ['code'],
      software_id: 'x',
      token_endpoint_auth_method: 'none',
    })
  })

  it('uses the secret that a server gives it all the same', async () => {
    const token = `${ISSUER}/token`
    const { session, to, store } = world({
      [`${ISSUER}/register`]: () =>
        json({ client_id: 'c', client_secret: 'secret-of-c', token_endpoint_auth_method: 'client_secret_post' }, 201), // prettier-ignore
      [token]: () => json({ access_token: 'T2', token_type: 'bearer', expires_in: 300 }),
    })
    await session.logIn()
    await session.tokens.refresh()
    const form = new URLSearchParams(await to(token)[0]!.text())
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'R',
      client_id: 'c',
      client_secret: 'secret-of-c',
      resource: SERVER,
    })
    expect(JSON.stringify(await store.load())).toContain('secret-of-c')
    expect(inspect([session, session.tokens], { depth: 9, showHidden: true })).not.toContain('secret-of-c') // prettier-ignore
  })

  it('is a document where the server takes one', async () => {
    const clientMetadataUrl = 'https://my-cli.example/client.json'
    const { session, to, store, metadata } = world({}, { clientMetadataUrl })
    Object.assign(metadata, { client_id_metadata_document_supported: true })
    await session.logIn()
    expect(to(`${ISSUER}/register`)).toEqual([])
    expect((await store.load())!.tokens!.extra).toMatchObject({ mcp: { clientId: clientMetadataUrl } }) // prettier-ignore
  })

  it('is registered where the server takes no document', async () => {
    const { session, to } = world({}, { clientMetadataUrl: 'https://my-cli.example/client.json' })
    await session.logIn()
    expect(to(`${ISSUER}/register`)).toHaveLength(1)
  })

  it('is the one registered by hand, at its own server alone', async () => {
    const byHand = { clientId: 'mine', clientSecret: 'a secret', issuer: ISSUER }
    const { session, to, store } = world({}, byHand)
    await session.logIn()
    expect(to(`${ISSUER}/register`)).toEqual([])
    expect((await store.load())!.tokens!.extra).toMatchObject({ mcp: { clientId: 'mine' } })

    const other = world(
      { [`${WELL_KNOWN}/team/mcp`]: () => json({ resource: SERVER, authorization_servers: ['https://evil.example.com'] }) }, // prettier-ignore
      byHand,
    )
    expect(await failure(other.session.logIn())).toMatchObject({ code: 'ERR_LOGIN', reason: 'issuer' }) // prettier-ignore
    expect(other.sent.some(({ url }) => url.includes('evil'))).toBe(false)
  })

  it('is another one at another server, and kept at the same', async () => {
    let issuer = ISSUER
    const OTHER = 'https://other.example.com'
    const { session, to } = world({
      [`${WELL_KNOWN}/team/mcp`]: () => json({ resource: SERVER, authorization_servers: [issuer] }),
      [`${OTHER}/.well-known/openid-configuration`]: () =>
        json({ issuer: OTHER, token_endpoint: `${OTHER}/t`, registration_endpoint: `${OTHER}/register` }), // prettier-ignore
      [`${OTHER}/register`]: () => json({ client_id: 'other' }, 201),
    })
    await session.logIn()
    await session.logIn()
    expect(to(`${ISSUER}/register`)).toHaveLength(1)
    issuer = OTHER
    await session.logIn()
    expect(to(`${OTHER}/register`)).toHaveLength(1)
  })

  it.each([
    ['refused', () => json({ error: 'invalid_redirect_uri', error_description: 'No' }, 400), 'ERR_REFRESH_REJECTED'], // prettier-ignore
    ['in trouble', () => new Response(null, { status: 503 }), 'ERR_REFRESH_UNAVAILABLE'],
    ['without an identifier', () => json({}, 201), 'ERR_INVALID_TOKEN_RESPONSE'],
    ['a page', () => new Response('<html>'), 'ERR_INVALID_TOKEN_RESPONSE'],
    ['redirected', () => Response.redirect('https://evil.example.com'), 'ERR_REFRESH_REJECTED'],
  ])('whose registration is %s is told by a typed error', async (_, register, code) => {
    const { session, logins } = world({ [`${ISSUER}/register`]: register })
    expect(await failure(session.logIn())).toMatchObject({ code })
    expect(logins).toEqual([])
  })

  it('has to be registered by hand where the server does not do it', async () => {
    const { session, metadata } = world()
    Object.assign(metadata, { registration_endpoint: undefined })
    const error = await failure(session.logIn())
    expect(String(error)).toContain('pass its `clientId` and the `issuer`')
  })
})

describe('a request', () => {
  it('to what the server gives to everybody needs no login', async () => {
    const { session, logins, sent } = world({ [SERVER]: () => json({ open: true }) })
    expect(await (await session.fetch(SERVER, post)).json()).toEqual({ open: true })
    expect(logins).toEqual([])
    expect(sent).toHaveLength(1)
  })

  it('to another origin carries no token and leads to no login', async () => {
    const stranger = 'https://stranger.example.com/'
    const { session, logins, to } = world({ [stranger]: () => refusal() })
    await session.logIn()
    expect((await session.fetch(stranger, post)).status).toBe(401)
    expect(to(stranger)[0]!.headers.has('authorization')).toBe(false)
    expect(logins).toHaveLength(1)
  })

  it('with a body that cannot be sent twice fails with what is needed', async () => {
    const { session, logins, sent } = world()
    const body = new Blob(['{}']).stream()
    const error = await failure(session.fetch(SERVER, { method: 'POST', body, duplex: 'half' } as RequestInit)) // prettier-ignore
    expect(error).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason: 'no-session' })
    expect([logins, sent]).toEqual([[], []])
  })

  it('that is refused after the login comes back, with the reason, and no second login', async () => {
    const { session, logins } = world({ [SERVER]: () => refusal() })
    const response = await session.fetch(SERVER, post)
    expect(response.status).toBe(401)
    expect(isTokenError(tokenErrorOf(response))).toBe(true)
    expect(logins).toHaveLength(1)
  })

  it('that finds the token of another login in the meantime is sent with that', async () => {
    const { session, logins, to } = world()
    await Promise.all([session.fetch(SERVER, post), session.fetch(SERVER, post)])
    expect(logins).toHaveLength(1)
    const tokens = to(SERVER).map(({ headers }) => headers.get('authorization'))
    expect(tokens).toEqual([null, null, 'Bearer T1', 'Bearer T1'])
  })
})

describe('mcpSession', () => {
  it.each([
    [{ url: 'http://mcp.example.com' }, 'url'],
    [{ url: 'mcp' }, 'url'],
    [{ clientId: 'c' }, 'issuer'],
    [{ clientSecret: 's' }, 'clientId'],
    [{ clientMetadataUrl: 'https://my-cli.example' }, 'clientMetadataUrl'],
    [{ clientMetadataUrl: 'http://my-cli.example/c' }, 'clientMetadataUrl'],
    [{ redirectUri: [] }, 'redirectUri'],
    [{ scope: '' }, 'scope'],
    [{ login: true }, 'login'],
    [{ initialTokens: {} }, 'initialTokens'],
    [{ refresh: () => {} }, 'refresh'],
    [{ nonsense: 1 }, 'nonsense'],
    [{ store: {} }, 'store'],
  ])('refuses %o, and names the option', (options, name) => {
    const act = () => mcpSession({ url: SERVER, ...options } as McpSessionOptions)
    expect(act).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_OPTIONS', message: expect.stringContaining(`\`${name}\``) })) // prettier-ignore
  })

  it('will not renew tokens that it did not get, and keeps them', async () => {
    const { session, store } = world()
    await session.tokens.setTokens({ access_token: 'T', refresh_token: 'R', expires_in: 300 })
    expect(await failure(session.tokens.refresh())).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    expect((await store.load())!.tokens).toMatchObject({ refreshToken: 'R' })
  })
})
