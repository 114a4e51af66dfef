import { fixedToken } from 'tokenward'
import { browserLogin } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { createAuthorizationServer } from 'tokenward/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask, browser, connection, rejectionOf } from './support.js'

afterEach(() => vi.unstubAllEnvs())

describe('a token of a CI system that ends with a line break', () => {
  it.each(['the-ci-token\n', 'the-ci-token\r\n'])('%j is refused, and not shown', (token) => {
    const refused = () => fixedToken(token)
    expect(refused).toThrow(/fixedToken: `token` must be a non-empty string of visible ASCII/)
    expect(refused).not.toThrow(/the-ci-token/)
  })

  it('is used without it by the example CLI', async () => {
    vi.stubEnv('ACME_TOKEN', 'the-ci-token\n')
    vi.resetModules()
    const { GIVEN_TOKEN } = await import('../../../docs/examples/cli/src/configuration.js')
    expect(GIVEN_TOKEN).toBe('the-ci-token')
  })
})

describe('a callback with two codes', () => {
  it('is a LoginError that shows neither, no token request is made, and nobody listens after it', async () => {
    const server = createAuthorizationServer({ clientId: 'cli' })
    const client = oauthClient({ issuer: server.issuer, clientId: 'cli', fetch: server.fetch })
    const window = browser()
    const login = browserLogin({ client, open: window.open })
    const url = new URL(await window.redirectUri)
    const { searchParams } = await window.url
    url.search = `?code=first-code&code=second-code&state=${searchParams.get('state')}&iss=${encodeURIComponent(server.issuer)}`
    const refused = rejectionOf(login)
    const page = await ask(url)
    const error = await refused
    expect(error).toMatchObject({ code: 'ERR_LOGIN', isTransient: false })
    expect(`${error.message} ${JSON.stringify(error)} ${page.html}`).not.toMatch(
      /first|second-code/,
    )
    expect(page.status).toBe(400)
    expect(server.stats.tokenRequests).toBe(0)
    expect(await connection(url.port)).toBe('ECONNREFUSED')
  })
})
