import {
  canOpenBrowser,
  openBrowser,
  terminalLogin,
  type TerminalLoginOptions,
} from 'tokenward/cli'
import { LoginError, RefreshUnavailableError } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { browser, fakeClient, rejectionOf, TOKENS } from './support.js'

const CODE = {
  userCode: 'WDJB-MJHT',
  verificationUri: 'https://auth.example.test/device',
  expiresAt: 600_000,
}
const SERVER = { issuer: 'https://auth.example.test' }
const WITH_DEVICE_FLOW = { ...SERVER, device_authorization_endpoint: `${SERVER.issuer}/device` }

beforeEach(() => void vi.stubEnv('BROWSER', 'none'))
afterEach(() => void vi.unstubAllEnvs())

function scene(server: object = WITH_DEVICE_FLOW) {
  const window = browser()
  const client = {
    ...fakeClient(),
    discover: vi.fn(async () => server as never),
    deviceAuthorization: vi.fn(async () => ({ ...CODE, intervalMs: 1, poll: async () => TOKENS })),
  }
  const onCode = vi.fn()
  const begin = (options: Partial<TerminalLoginOptions> = {}) =>
    terminalLogin({ client, onCode, onUrl: window.open, paste: false, ...options })
  return { begin, window, client, onCode }
}

describe('a login where the browser can be opened', () => {
  it('is in the browser', async () => {
    const { begin, window, onCode } = scene()
    const login = begin({ open: () => {} })
    await window.comeBack()
    expect(await login).toBe(TOKENS)
    expect(onCode).not.toHaveBeenCalled()
  })

  it('is on another device if the user wants that', async () => {
    const { begin, onCode, client } = scene()
    const scope = 'read'
    expect(await begin({ open: () => {}, method: 'device', scope })).toBe(TOKENS)
    expect(onCode).toHaveBeenCalledExactlyOnceWith(CODE)
    const signal = expect.any(AbortSignal) as AbortSignal
    expect(client.deviceAuthorization).toHaveBeenCalledWith({ scope, signal })
  })
})

describe('a login where no browser can be opened', () => {
  it('is on another device', async () => {
    const { begin, window, onCode } = scene()
    expect(await begin()).toBe(TOKENS)
    expect(onCode).toHaveBeenCalledOnce()
    expect(window.open).not.toHaveBeenCalled()
  })

  it('is in the browser of another machine if the server has no device flow', async () => {
    const { begin, window, onCode } = scene(SERVER)
    expect(await begin({ paste: () => 'the-code' })).toBe(TOKENS)
    expect(window.open).toHaveBeenCalledOnce()
    expect(onCode).not.toHaveBeenCalled()
  })

  it('and nobody can paste either, fails at once with a LoginError', async () => {
    const error = await rejectionOf(scene(SERVER).begin())
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'no-browser' })
  })

  it('may be told to show the URL all the same', async () => {
    const { begin, window } = scene(SERVER)
    const login = begin({ method: 'browser' })
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })

  it('fails as the server does that cannot be asked for what it has', async () => {
    const { begin, client } = scene()
    const error = new RefreshUnavailableError('down', { outcome: 'not-sent' })
    client.discover.mockRejectedValue(error)
    expect(await rejectionOf(begin())).toBe(error)
  })
})

describe('a bad option', () => {
  it.each([
    [{ onCode: undefined }, 'terminalLogin: `onCode` must be a function, got undefined'],
    [{ onUrl: undefined, open: () => {} }, 'terminalLogin: `onUrl` must be a function'],
    [{ client: {} }, 'terminalLogin: `client` must be the result of oauthClient'],
    [{ method: 'fax' }, "terminalLogin: `method` must be 'browser' or 'device'"],
  ])('%j is refused', async (options, message) => {
    const error = await rejectionOf(scene().begin(options as never))
    expect(error.message).toContain(message)
  })
})

describe('openBrowser', () => {
  it('says that there is no browser', async () => {
    expect(canOpenBrowser()).toBe(false)
    expect(await rejectionOf(openBrowser('https://a.test/?state=secret'))).toMatchObject({
      code: 'ERR_LOGIN',
      reason: 'no-browser',
    })
  })

  it('says which command could not be started, and not the URL', async () => {
    vi.stubEnv('BROWSER', '/no/such/browser')
    expect(canOpenBrowser()).toBe(true)
    const error = await rejectionOf(openBrowser('https://a.test/?state=secret'))
    expect(error.message).toBe(
      'No browser can be opened from here: /no/such/browser could not be started',
    )
    expect(error.cause).toBeUndefined()
  })
})
