import { isTokenError, LoginError } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { held } from '../support/session/promises.js'
import { callTool } from './support/call-tool.js'
import { mcpWorld } from './support/mcp-world.js'

const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error) // prettier-ignore

describe('two that find no session, each with its own store of the same file', () => {
  it('ask once where the session has ended, too', async () => {
    const world = await mcpWorld()
    const [one, other] = [world.session(), world.session()]
    await one.logIn()
    await callTool(other, 'read')
    await one.tokens.signOut()
    expect(await Promise.all([callTool(one, 'read'), callTool(other, 'read')])).toEqual(['read', 'read']) // prettier-ignore
    expect(world.logins).toBe(2)
  })

  it('ask one after the other where the user does not log in at the first', async () => {
    const world = await mcpWorld()
    const [asked, answered] = [held(), held()]
    const login = async () => {
      asked.resolve()
      await answered.promise
      throw new LoginError('No', { reason: 'denied' })
    }
    const first = failure(callTool(world.session({ login }), 'read'))
    await asked.promise
    const second = callTool(world.session(), 'read')
    await vi.waitFor(() => expect(world.server.seen).toHaveLength(2))
    answered.resolve()
    expect(await Promise.all([first, second])).toMatchObject([{ reason: 'denied' }, 'read'])
  })

  it('log in again where the token ends that came without a refresh token', async () => {
    const world = await mcpWorld()
    const login: typeof world.login = async (request) => {
      const { refreshToken: _, ...tokens } = await world.login(request)
      return tokens
    }
    await callTool(world.session({ login }), 'read')
    await world.expire()
    expect(await callTool(world.session({ login }), 'read')).toBe('read')
    expect(world.logins).toBe(2)
  })
})

describe('the first connection', () => {
  it('finds the servers, registers the client, logs in and goes on', async () => {
    const world = await mcpWorld()
    expect(await callTool(world.session(), 'read')).toBe('read')
    expect(world.logins).toBe(1)
    expect(world.server.metadataRequests).toEqual(['/.well-known/oauth-protected-resource/mcp'])
    expect(world.authorization.registered).toHaveLength(1)
    expect((await world.stored()).tokens!.extra).toEqual({
      mcp: {
        issuer: world.authorization.issuer,
        clientId: world.authorization.registered[0],
        clientAuth: 'none',
        isRegistered: true,
        resource: world.server.url,
        scope: expect.stringContaining('notes:read') as string,
      },
    })
  })

  it('of two requests at once is one login', async () => {
    const world = await mcpWorld()
    const session = world.session()
    expect(await Promise.all([callTool(session, 'read'), callTool(session, 'read')])).toEqual(['read', 'read']) // prettier-ignore
    expect(world.logins).toBe(1)
  })

  it('without a `login` fails with what is needed', async () => {
    const world = await mcpWorld()
    const error = await failure(callTool(world.session({ login: undefined }), 'read'))
    expect(isTokenError(error, 'ERR_LOGIN_REQUIRED')).toBe(true)
  })

  it('fails as the login fails, and the next one logs in', async () => {
    const world = await mcpWorld()
    let isFirst = true
    const session = world.session({
      login: async (request) => {
        if (!isFirst) return world.login(request)
        isFirst = false
        throw new LoginError('No', { reason: 'denied' })
      },
    })
    expect(await failure(callTool(session, 'read'))).toMatchObject({ reason: 'denied' })
    expect(await callTool(session, 'read')).toBe('read')
  })

  it("ends with the caller's own abort, and the login goes on", async () => {
    const world = await mcpWorld()
    const aborting = new AbortController()
    let finish = () => {}
    const session = world.session({
      login: async (request) => {
        aborting.abort(new Error('enough'))
        await new Promise<void>((resolve) => (finish = resolve))
        return world.login(request)
      },
    })
    const request = { method: 'POST', body: '{}', signal: aborting.signal }
    expect(await failure(session.fetch(world.server.url, request))).toBe(aborting.signal.reason)
    finish()
    expect(await callTool(session, 'read')).toBe('read')
    expect(world.logins).toBe(1)
  })
})

describe('a later process', () => {
  it('needs no login, no discovery and no registration while the token lives', async () => {
    const world = await mcpWorld()
    await world.session().logIn()
    const before = world.authorization.ledger.requests.length
    expect(await callTool(world.session({ login: undefined }), 'read')).toBe('read')
    expect(world.authorization.ledger.requests).toHaveLength(before)
    expect(world.authorization.registered).toHaveLength(1)
  })

  it('renews as the registered client', async () => {
    const world = await mcpWorld()
    await world.session().logIn()
    await world.expire()
    expect(await callTool(world.session({ login: undefined }), 'read')).toBe('read')
    expect(world.authorization.ledger.of('refresh_token')).toMatchObject([{ status: 200 }])
    expect((await world.stored()).tokens!.extra).toHaveProperty('mcp.clientId')
  })

  it('logs in again where the session has ended, with one login', async () => {
    const world = await mcpWorld()
    await world.session().logIn()
    const { refreshToken } = (await world.stored()).tokens!
    const found = await world.authorization.provider.RefreshToken.find(refreshToken!)
    await found!.destroy()
    await world.expire()
    expect(await callTool(world.session(), 'read')).toBe('read')
    expect(world.logins).toBe(2)
  })

  it('registers again, at a login, where the server has forgotten the client', async () => {
    const world = await mcpWorld()
    await world.session().logIn()
    await world.authorization.forgetClients()
    await world.expire()
    expect(await callTool(world.session(), 'read')).toBe('read')
    expect(world.authorization.registered).toHaveLength(2)
  })
})

describe('a client that the server has forgotten', () => {
  it('keeps the tokens, and says so, where there is no `login`', async () => {
    const world = await mcpWorld()
    await world.session().logIn()
    await world.authorization.forgetClients()
    await world.expire()
    const helpless = await failure(callTool(world.session({ login: undefined }), 'read'))
    expect(helpless).toMatchObject({ code: 'ERR_REFRESH_REJECTED', error: 'invalid_client' })
    expect((await world.stored()).tokens).not.toBeNull()
  })
})

describe('a tool that takes another scope', () => {
  it('leads to one login with the union of the scopes', async () => {
    const world = await mcpWorld()
    const session = world.session()
    await session.logIn({ scope: 'notes:read' })
    expect(await callTool(session, 'write')).toBe('write')
    expect(world.logins).toBe(2)
    const [, second = ''] = world.authorization.asked.filter((scope, index, all) => all.indexOf(scope) === index) // prettier-ignore
    expect(second.split(' ').sort()).toEqual(['notes:read', 'notes:write', 'offline_access'])
    expect(world.authorization.registered).toHaveLength(1)
  })

  it('costs another process no login: it takes over what is in the store', async () => {
    const world = await mcpWorld()
    const [one, other] = [world.session(), world.session({ login: undefined })]
    await one.logIn({ scope: 'notes:read' })
    expect(await callTool(other, 'read')).toBe('read')
    expect(await callTool(one, 'write')).toBe('write')
    expect(await callTool(other, 'write')).toBe('write')
    expect(world.authorization.ledger.of('refresh_token')).toEqual([])
  })

  it('is refused at once where it was asked for already, and not granted', async () => {
    const world = await mcpWorld()
    const narrow = async (request: Parameters<typeof world.login>[0]) => {
      return world.login({ ...request, scope: 'notes:read offline_access' })
    }
    const session = world.session({ login: narrow })
    await session.logIn({ scope: 'notes:read notes:write' })
    expect(await failure(callTool(session, 'write'))).toMatchObject({ code: 403 })
    expect(world.logins).toBe(1)
  })

  it('without a `login` fails with the scope', async () => {
    const world = await mcpWorld()
    await world.session().logIn({ scope: 'notes:read' })
    const error = await failure(callTool(world.session({ login: undefined }), 'write'))
    expect(error).toMatchObject({ code: 'ERR_STEP_UP_REQUIRED', scope: 'notes:read notes:write' })
  })
})
