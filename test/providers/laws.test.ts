import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  StepUpRequiredError,
  TokenManager,
} from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PRESETS } from './presets.js'
import { clientOf, connected, logIn, rejectionOf, signedIn } from './support.js'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T12:00:00Z') })
})

afterEach(() => {
  vi.useRealTimers()
})

const RENEWABLE = PRESETS.filter(({ provider }) => provider.refreshTokens !== 'none')
const LASTING = PRESETS.filter(({ provider }) => provider.refreshTokens === 'none')
const BY_RESOURCE = PRESETS.filter(({ name }) => name === 'entra' || name === 'auth0')

/** Longer than any cool-down, shorter than any refresh token lives. */
const LATER_MS = 120_000

describe.each(RENEWABLE)('$name', (preset) => {
  it('logs in, and refreshes again and again, one token request each', async () => {
    const { server, tokens } = await signedIn(preset)
    const first = await tokens.getAccessToken()
    expect(server.isValid(first)).toBe(true)
    const { tokenRequests, refreshes } = server.stats

    const renewed: string[] = []
    for (let i = 0; i < 3; i++) {
      const [one, two] = await Promise.all([tokens.refresh(), tokens.refresh()])
      expect(one).toBe(two)
      renewed.push(one)
    }

    expect(new Set([first, ...renewed]).size).toBe(4)
    expect(renewed.every((token) => server.isValid(token))).toBe(true)
    expect(server.stats).toMatchObject({
      tokenRequests: tokenRequests + 3,
      refreshes: refreshes + 3,
      reuse: 0,
    })
  })

  it('asks for a login when the refresh token is dead, and asks the server no more', async () => {
    const { server, tokens } = await signedIn(preset)
    server.revokeSession('user')

    const ended = await rejectionOf(tokens.refresh())
    expect(ended).toBeInstanceOf(LoginRequiredError)
    expect(ended).toMatchObject({ reason: 'invalid-grant' })

    const { tokenRequests } = server.stats
    await vi.advanceTimersByTimeAsync(LATER_MS)
    expect(await rejectionOf(tokens.getAccessToken())).toBeInstanceOf(LoginRequiredError)
    expect(server.stats.tokenRequests).toBe(tokenRequests)
  })

  it('asks for a login when the server has never seen the refresh token', async () => {
    const { server, tokens } = await signedIn(preset)
    server.reset()
    const ended = await rejectionOf(tokens.refresh())
    expect(ended).toBeInstanceOf(LoginRequiredError)
  })

  it('asks for a login when the access was taken back', async () => {
    const { server, tokens } = await signedIn(preset)
    server.next({ refuse: 'revoked' })
    const ended = await rejectionOf(tokens.refresh())
    expect(ended).toMatchObject({ constructor: LoginRequiredError, reason: 'invalid-grant' })
  })

  it('goes on after a login', async () => {
    const { server, oauth, tokens } = await signedIn(preset)
    server.revokeSession('user')
    await rejectionOf(tokens.refresh())
    await tokens.setTokens(await logIn(server, oauth))
    expect(server.isValid(await tokens.refresh())).toBe(true)
  })

  it('sends the refresh token once more at most when the response was lost', async () => {
    const { server, tokens } = await signedIn(preset)
    const { tokenRequests } = server.stats
    server.next({ drop: true, when: 'after' })

    const first = tokens.refresh().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(LATER_MS)
    const outcome = await first
    const last = typeof outcome === 'string' ? outcome : await tokens.refresh().catch(String)

    expect(server.stats.tokenRequests - tokenRequests).toBeLessThanOrEqual(2)
    // Where the server forgives it, the session is saved.
    if (server.stats.reuse === 0) expect(server.isValid(last)).toBe(true)
    else expect(last).toContain('LoginRequiredError')
  })

  it('keeps the session while the server is throttling', async () => {
    const { server, tokens } = await signedIn(preset)
    const current = await tokens.getAccessToken()
    const undo = server.always({ refuse: 'throttled' })

    const refreshing = rejectionOf(tokens.refresh())
    await vi.advanceTimersByTimeAsync(LATER_MS)
    expect(await refreshing).toBeInstanceOf(RefreshUnavailableError)
    expect(await tokens.getAccessToken()).toBe(current)

    undo()
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(server.isValid(await tokens.refresh())).toBe(true)
  })

  it('keeps the session when the client is refused', async () => {
    const { server, oauth } = connected(preset)
    const initialTokens = await logIn(server, oauth)
    const refresh = clientOf(preset, server, 'another-secret').refreshToken()
    const tokens = new TokenManager({ refresh, initialTokens })

    expect(await rejectionOf(tokens.refresh())).toBeInstanceOf(RefreshRejectedError)
    expect(await tokens.getTokens()).toBeDefined()
    await tokens.close()
  })

  it('logs out, at the server too where it can', async () => {
    const { server, tokens, canRevoke } = await signedIn(preset)
    const current = await tokens.getAccessToken()
    await tokens.signOut()
    expect(await rejectionOf(tokens.getAccessToken())).toMatchObject({ reason: 'signed-out' })
    expect(server.isValid(current)).toBe(!canRevoke)
  })
})

describe.each(RENEWABLE.filter(({ provider }) => provider.refreshTokens))('$name', (preset) => {
  it(`gives refresh tokens as described: ${preset.provider.refreshTokens}`, async () => {
    const { tokens } = await signedIn(preset)
    const given: unknown[] = []
    for (let i = 0; i < 3; i++) {
      given.push((await tokens.getTokens())!.refreshToken)
      await tokens.refresh()
    }
    const isReused = preset.provider.refreshTokens === 'reused'
    expect(new Set(given).size).toBe(isReused ? 1 : 3)
  })
})

describe.each(LASTING)('$name', (preset) => {
  it('logs in, and has nothing to refresh', async () => {
    const { server, tokens } = await signedIn(preset)
    expect(server.isValid(await tokens.getAccessToken())).toBe(true)
    const { tokenRequests } = server.stats
    const ended = await rejectionOf(tokens.refresh())
    expect(ended).toMatchObject({ constructor: LoginRequiredError, reason: 'no-refresh-token' })
    expect(server.stats.tokenRequests).toBe(tokenRequests)
  })

  it('logs out, and in again', async () => {
    const { server, oauth, tokens } = await signedIn(preset)
    await tokens.signOut()
    expect(await rejectionOf(tokens.getAccessToken())).toMatchObject({ reason: 'signed-out' })
    await tokens.setTokens(await logIn(server, oauth))
    expect(server.isValid(await tokens.getAccessToken())).toBe(true)
  })
})

describe.each(BY_RESOURCE)('$name', (preset) => {
  it('wants the user for one resource, and the session goes on', async () => {
    const { server, tokens } = await signedIn(preset)
    const resource = tokens.for({ scope: 'read' })
    server.next({ refuse: 'resource-refused' })
    expect(await rejectionOf(resource.getAccessToken())).toBeInstanceOf(StepUpRequiredError)
    expect(server.isValid(await tokens.refresh())).toBe(true)
  })
})
