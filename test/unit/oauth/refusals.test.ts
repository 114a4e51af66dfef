import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  isTokenError,
  LoginRequiredError,
  memoryStore,
  RefreshRejectedError,
  StepUpRequiredError,
  TokenManager,
  type TokenError,
  type TokenStore,
} from 'tokenward'
import {
  oauthClient,
  type ErrorShape,
  type Provider,
  type RefreshGrantContext,
} from 'tokenward/oauth'
import { failureOf, json, refreshContext, shownBy, stubFetch, TOKEN_ENDPOINT } from './support.js'

/** What one refresh fails with, by `oauthClient` and by a `refresh` of the user's own. */
async function refusalBy(way: string, body: unknown, status: number): Promise<TokenError> {
  if (way === 'oauthClient') return clientRefusal(body, status)
  const tokens = new TokenManager({
    initialTokens: { access_token: 'AT0', refresh_token: 'RT1', expires_at: 1 },
    refresh: async () => {
      if (way === 'returned') return body as { access_token: string }
      // axios, told by `validateStatus` to throw for no status
      if (way === 'returned whole') return { status, data: body, headers: {} } as never
      throw Object.assign(new Error('Request failed'), {
        isAxiosError: true,
        response: { status, data: body, headers: {} },
      })
    },
  })
  const error = await failureOf(tokens.getAccessToken())
  return error as unknown as TokenError
}

async function clientRefusal(body: unknown, status: number, errors?: ErrorShape) {
  const { fetch } = stubFetch(() =>
    typeof body === 'string' ? new Response(body, { status }) : json(body, { status }),
  )
  const provider: Provider = { name: 'X', endpoints: { token: TOKEN_ENDPOINT }, errors }
  const oauth = oauthClient({ provider, clientId: 'app', clientSecret: 'x7', fetch })
  return (await failureOf(oauth.refreshToken()(refreshContext()))) as unknown as TokenError
}

const WAYS = ['oauthClient', 'thrown', 'returned', 'returned whole']

describe('a dead refresh token, by words that mean nothing else', () => {
  describe.each(WAYS)('%s', (way) => {
    it.each<[string, number, object]>([
      ['GitHub', 200, { error: 'bad_refresh_token', error_description: 'The token is bad.' }],
      ['Slack', 200, { ok: false, error: 'invalid_refresh_token' }],
      ['Slack, revoked', 200, { ok: false, error: 'token_revoked' }],
      ['Auth0, Atlassian', 403, { error: 'invalid_grant', error_description: 'Unknown.' }],
      ['Google, Xero, Box', 400, { error: 'invalid_grant' }],
      ['Supabase', 400, { code: 400, error_code: 'refresh_token_not_found', msg: 'Not found' }],
      ['Supabase, as it says it now', 400, { code: 'refresh_token_already_used', message: 'Used' }],
      ['in an object', 200, { error: { code: 'invalid_grant', message: 'It is dead' } }],
      ['HubSpot', 400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or unknown' }],
      [
        'HubSpot, by another sentence',
        400,
        { status: 'BAD_REFRESH_TOKEN', error: 'invalid_request' },
      ],
    ])('%s (HTTP %s)', async (_, status, body) => {
      const error = await refusalBy(way, body, status)
      expect(error).toBeInstanceOf(LoginRequiredError)
      expect(error).toMatchObject({ reason: 'invalid-grant' })
    })
  })

  it('is none where the whole response says that the server is in trouble', async () => {
    const error = await refusalBy('returned whole', { error: 'invalid_grant' }, 503)
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', status: 503 })
  })

  it('says what the server said (xero-node#370), and its own code', async () => {
    const error = await clientRefusal(
      {
        error: 'invalid_grant',
        error_description: 'AADSTS50173: The provided grant has expired due to it being revoked.',
        suberror: 'bad_token',
      },
      400,
    )
    expect(error).toMatchObject({
      code: 'ERR_LOGIN_REQUIRED',
      providerError: 'AADSTS50173',
      errorDescription: expect.stringContaining('has expired due to') as string,
    })
  })
})

describe('a dead refresh token, by words of a provider of its own', () => {
  it.each<[string, number, unknown, ErrorShape]>([
    ['Zoho', 200, { error: 'invalid_code' }, { endsSession: ['invalid_code'] }],
    [
      'X',
      400,
      { error: 'invalid_request', error_description: 'Value passed for the token was invalid.' },
      { endsSession: [{ error: 'invalid_request', error_description: /token was invalid/i }] },
    ],
    [
      'Strava',
      400,
      {
        message: 'Bad Request',
        errors: [{ resource: 'RefreshToken', field: 'refresh_token', code: 'invalid' }],
      },
      { endsSession: [{ 'errors.0.resource': 'RefreshToken' }] },
    ],
    ['Reddit', 400, { message: 'Bad Request', error: 400 }, { endsSession: [{ error: 400 }] }],
    ['LemonLDAP::NG', 400, { error: 'invalid_request' }, { endsSession: ['invalid_request'] }],
    [
      'WeChat',
      200,
      { errcode: 40030, errmsg: 'invalid refresh_token' },
      { code: 'errcode', description: 'errmsg', endsSession: [40030, 42002] },
    ],
    [
      'Entra v1',
      400,
      { error: 'interaction_required' },
      { endsSession: [{ error: 'interaction_required', $status: 400 }] },
    ],
  ])('%s', async (_, status, body, errors) => {
    expect(await clientRefusal(body, status, errors)).toBeInstanceOf(LoginRequiredError)
    const other = await clientRefusal(body, status)
    expect(other).not.toBeInstanceOf(LoginRequiredError) // it was the description that knew
  })

  it('leaves a wrong secret what it is (Strava)', async () => {
    const body = {
      message: 'Bad Request',
      errors: [{ resource: 'Application', field: 'client_secret', code: 'invalid' }],
    }
    const error = await clientRefusal(body, 400, {
      endsSession: [{ 'errors.0.resource': 'RefreshToken' }],
    })
    expect(error).toBeInstanceOf(RefreshRejectedError)
  })

  it('is tried again where the description knows that it passes (Zoho)', async () => {
    const error = await clientRefusal({ error: 'Access Denied' }, 400, {
      passing: ['Access Denied'],
    })
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'failed' })
  })

  it('is not believed where the status says that the server is in trouble', async () => {
    const error = await clientRefusal({ error: 'invalid_code' }, 503, {
      endsSession: ['invalid_code'],
    })
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
  })
})

describe('a refusal that the user can mend, while the session is well', () => {
  it.each<[string, object]>([
    [
      'Entra, consent (python-o365#323)',
      {
        error: 'invalid_grant',
        error_description: 'AADSTS65001: The user has not consented',
        suberror: 'consent_required',
      },
    ],
    [
      'Entra, a second factor',
      { error: 'invalid_grant', error_description: 'AADSTS50076: you must use MFA' },
    ],
    ['Entra, claims', { error: 'invalid_grant', claims: '{"access_token":{}}' }],
    ['interaction_required', { error: 'interaction_required', suberror: 'basic_action' }],
    ['Auth0', { error: 'mfa_required', mfa_token: 'Fe26.2*hush' }],
  ])('%s', async (_, body) => {
    for (const way of WAYS) {
      const error = await refusalBy(way, body, 400)
      expect(error).toBeInstanceOf(StepUpRequiredError)
      expect(shownBy(error)).not.toContain('hush')
    }
  })

  it('says what to ask for, and hands the mfa_token back without showing it', async () => {
    const body = {
      error: 'mfa_required',
      error_description: 'Multifactor authentication required',
      claims: '{"id_token":{}}',
      mfa_token: 'Fe26.2*hush',
    }
    const error = await clientRefusal(body, 403)
    expect(error).toMatchObject({
      error: 'mfa_required',
      errorDescription: 'Multifactor authentication required',
      claims: '{"id_token":{}}',
    })
    expect((error as StepUpRequiredError).mfaToken).toBe('Fe26.2*hush')
    expect(JSON.stringify(error) + inspect(error, { showHidden: true })).not.toContain('hush')
  })

  // JSON.stringify throws for each of these but the last, in the middle of judging a refusal.
  it.each([
    ['nested too deeply', nested(20_000)],
    ['no JSON', { at: 1n }],
    ['longer than any server means it', { at: 'x'.repeat(5_000) }],
  ])('names no claims where they are %s', async (_, claims) => {
    for (const way of ['thrown', 'returned', 'returned whole']) {
      const error = await refusalBy(way, { error: 'interaction_required', claims }, 400)
      expect(error, way).toBeInstanceOf(StepUpRequiredError)
      expect((error as StepUpRequiredError).claims, way).toBeUndefined()
    }
  })

  it('is none where a response is nested too deeply to be read: it is an error of ours', async () => {
    const body = `{"error":"interaction_required","claims":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const { fetch } = stubFetch(() => new Response(body, { status: 400 }))
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', status: 400 })
  })

  it('shows the claims in visible characters, and they say the same', async () => {
    const body = { error: 'interaction_required', claims: { id_token: { a: '\u202e\u001b' } } }
    const { claims } = (await clientRefusal(body, 400)) as StepUpRequiredError
    expect(claims).toMatch(/^[\x20-\x7e]+$/)
    expect(JSON.parse(claims!)).toEqual(body.claims)
  })

  it('is of the one resource, and says which', async () => {
    const tokens = new TokenManager({
      initialTokens: { access_token: 'AT0', refresh_token: 'RT1', expires_in: 3600 },
      refresh: async ({ resource }) => {
        if (resource === undefined) return { access_token: 'AT1', expires_in: 3600 }
        throw Object.assign(new Error(), {
          status: 400,
          error: 'invalid_grant',
          error_description: 'AADSTS65001: consent',
        })
      },
    })
    const mail = tokens.for({ resource: 'https://mail.test', scope: 'mail.read' })
    const error = await failureOf(mail.getAccessToken())
    expect(error).toMatchObject({
      code: 'ERR_STEP_UP_REQUIRED',
      resource: 'https://mail.test',
      scope: 'mail.read',
    })
    await expect(tokens.getAccessToken()).resolves.toBe('AT0')
    await expect(tokens.refresh()).resolves.toBe('AT1')
  })
})

describe('endsSession', () => {
  const managerWith = (refresh: () => Promise<never>, seen: RefreshRejectedError[]) =>
    new TokenManager({
      initialTokens: { access_token: 'AT0', refresh_token: 'RT-secret-1', expires_at: 1 },
      refresh,
      endsSession: (error) => {
        seen.push(error)
        const { errors } = error.body as { errors?: { resource?: string }[] }
        return errors?.[0]?.resource === 'RefreshToken'
      },
    })

  it.each(['thrown', 'returned', 'returned whole'])(
    'sees the body of a refusal, %s, without secrets',
    async (way) => {
      const seen: RefreshRejectedError[] = []
      const body = {
        message: 'RT-secret-1 is bad',
        errors: [{ resource: 'RefreshToken', refresh_token: 'other-hush' }],
      }
      const tokens = managerWith(async () => {
        if (way === 'returned') return body as never
        if (way === 'returned whole') return { status: 400, data: body, headers: {} } as never
        throw Object.assign(new Error(), { response: { status: 400, data: body } })
      }, seen)
      const error = await failureOf(tokens.getAccessToken())
      expect(error).toBeInstanceOf(LoginRequiredError)
      expect(JSON.stringify(seen[0]!.body)).not.toMatch(/hush|RT-secret/)
      expect(seen[0]!.body).toMatchObject({ errors: [{ resource: 'RefreshToken' }] })
      expect(shownBy(seen[0])).not.toContain('RefreshToken"') // it is for the app, not for a log
    },
  )

  it.each([200, 400])('sees it through oauthClient too, also with status %s', async (status) => {
    const { fetch } = stubFetch(() => json({ errors: [{ resource: 'RefreshToken' }] }, { status }))
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    const tokens = managerWith(oauth.refreshToken() as never, [])
    expect(await failureOf(tokens.getAccessToken())).toBeInstanceOf(LoginRequiredError)
  })
})

describe('endsSession of a server that says nothing (glewlwyd)', () => {
  const nothing = { status: 400, data: '', headers: {} }
  const { fetch } = stubFetch(() => new Response('', { status: 400 }))

  it.each<[string, (context: RefreshGrantContext) => Promise<unknown>]>([
    [
      'oauthClient',
      oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'a', fetch }).refreshToken(),
    ],
    ['thrown', () => Promise.reject(Object.assign(new Error(), { response: nothing }))],
    ['returned whole', () => Promise.resolve(nothing)],
  ])('sees that it is empty, and the status: %s', async (_, refresh) => {
    const tokens = new TokenManager({
      initialTokens: { access_token: 'AT0', refresh_token: 'RT1', expires_at: 1 },
      refresh: refresh as () => Promise<never>,
      endsSession: ({ status, body }) => status === 400 && body === '',
    })
    expect(await failureOf(tokens.getAccessToken())).toBeInstanceOf(LoginRequiredError)
  })
})

describe('a refusal that comes again for the same refresh token', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('says how to tell tokenward that the token is dead', async () => {
    const tokens = new TokenManager({
      initialTokens: { access_token: 'AT0', refresh_token: 'RT1', expires_in: 3600 },
      refresh: async () => {
        throw Object.assign(new Error(), { status: 400, error: 'odd_word' })
      },
    })
    const first = await failureOf(tokens.refresh())
    expect(first.message).not.toContain('endsSession')
    await vi.advanceTimersByTimeAsync(2_000)
    const second = await failureOf(tokens.refresh())
    expect(second.message).toMatch(/odd_word.* refused 2 times.*`endsSession`.*`provider`/s)
    expect(isTokenError(second, 'ERR_REFRESH_REJECTED')).toBe(true)
  })

  it('is told as it was to another process too, not "try again later"', async () => {
    const { load, save, exclusive } = memoryStore()
    const store: TokenStore = { load, save, exclusive: exclusive! } // no word of being in memory: as one that is shared
    let asked = 0
    const refresh = async () => {
      asked += 1
      const said = { error: 'odd_word', error_description: 'It is Sunday' }
      throw Object.assign(new Error(), { status: 400, ...said })
    }
    const login = { access_token: 'AT0', refresh_token: 'RT1', expires_at: 1 }
    const one = new TokenManager({ refresh, store, initialTokens: login })
    await failureOf(one.getAccessToken())
    const another = new TokenManager({ refresh, store })
    for (let call = 0; call < 2; call++) {
      expect(await failureOf(another.getAccessToken())).toMatchObject({
        code: 'ERR_REFRESH_REJECTED',
        error: 'odd_word',
        errorDescription: 'It is Sunday',
        status: 400,
      })
    }
    expect(asked).toBe(1)
  })

  it.each(['invalid_client', 'invalid_scope'])(
    'does not for %s, which is not its',
    async (error) => {
      const fail = () => Promise.reject(Object.assign(new Error(), { status: 400, error }))
      const tokens = new TokenManager({
        initialTokens: { access_token: 'AT0', refresh_token: 'RT1', expires_in: 3600 },
        refresh: fail,
      })
      await failureOf(tokens.refresh())
      await vi.advanceTimersByTimeAsync(2_000)
      expect((await failureOf(tokens.refresh())).message).not.toContain('endsSession')
    },
  )
})

function nested(depth: number): object {
  let value: object = {}
  for (let level = 0; level < depth; level++) value = { value }
  return value
}
