import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { TokenOptionsError } from 'tokenward'
import { oauthClient, type Provider } from 'tokenward/oauth'
import {
  cognito,
  entra,
  feishu,
  githubApp,
  keycloak,
  okta,
  salesforce,
  slack,
  zoho,
} from 'tokenward/providers'
import { describe, expect, it } from 'vitest'
import { PRESETS } from './presets.js'

const FOLDER = join(import.meta.dirname, '../../src/providers')
const FILES = readdirSync(FOLDER).filter((file) => file !== 'index.ts')

const CHECK = "import { partOfHost } from '../oauth/provider/part-of-host.js'"

describe('the presets', () => {
  it('are at least thirty, each in a file of its own', () => {
    expect(PRESETS.length).toBeGreaterThanOrEqual(30)
    expect(FILES).toHaveLength(PRESETS.length)
  })

  it.each(FILES)('%s imports types and at most one check, and no other preset', (file) => {
    const source = readFileSync(join(FOLDER, file), 'utf8')
    const imports = source.split('\n').filter((line) => /^import|\bimport\(/.test(line))
    const [type, ...others] = imports
    expect(type).toBe("import type { Provider } from '../oauth/provider.js'")
    expect(others.filter((line) => line !== CHECK)).toEqual([])
  })

  it.each(PRESETS)('$provider.name says where it comes from', ({ provider }) => {
    const { sources = [], readOn } = provider.about ?? {}
    expect(sources.length).toBeGreaterThan(0)
    expect(sources.every((source) => source.startsWith('https://'))).toBe(true)
    expect(readOn).toMatch(/^\d{4}-\d\d-\d\d$/)
  })
})

describe('a part of a host that comes from outside', () => {
  it.each([
    'com.evil.example',
    'com@evil.example',
    'com/',
    'com:8443',
    'com#',
    'ca.evil',
    '',
    'com.cn.',
    'zoho',
  ])('leads nobody away: %j', (value) => {
    expect(() => zoho({ dataCenter: value })).toThrow(/^zoho: `dataCenter` must match/)
    const pool = { region: `eu-central-1.${value}`, userPoolId: 'p' }
    expect(() => cognito(pool)).toThrow(/^cognito: `region` must match/)
  })

  it.each(['eu-central-1', 'us-gov-west-1', 'ap-southeast-2'])('may be the region %s', (region) => {
    expect(cognito({ region, userPoolId: 'p' }).issuer).toBe(`https://cognito-idp.${region}.amazonaws.com/p`) // prettier-ignore
  })
})

it('a bundle holds the presets that are used, and no other', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export { slack } from './index.ts'", resolveDir: FOLDER },
    bundle: true,
    write: false,
    format: 'esm',
  })
  const { text } = outputFiles[0]!
  expect(text).toContain('https://slack.com/api/oauth.v2.access')
  expect(text.match(/https:\/\/[^/'"`]*/g)!.every((origin) => origin.includes('slack'))).toBe(true)
})

describe('a misspelt member of a preset', () => {
  it.each<[string, object]>([
    ['scopeSeperator', { scopeSeperator: ',' }],
    ['endSession', { errors: { endSession: ['token_revoked'] } }],
    ['paramters', { tokenRequest: { paramters: { a: 'b' } } }],
    ['tokens', { endpoints: { tokens: 'https://slack.com/api/oauth.v2.access' } }],
    ['expires', { tokenResponse: { names: { expires: 'ttl' } } }],
  ])('%s is refused, and named', (name, change) => {
    const provider: Provider = { ...slack(), ...change }
    const make = () => oauthClient({ provider, clientId: 'a', clientSecret: 'b' })
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(name)
  })
})

describe('what a preset is called with', () => {
  it('puts the user’s own server in its place', () => {
    expect(githubApp({ host: 'git.example.com' }).endpoints?.token).toBe(
      'https://git.example.com/login/oauth/access_token',
    )
    expect(entra({ tenant: 'acme' }).issuer).toBe('https://login.microsoftonline.com/acme/v2.0')
    expect(okta({ domain: 'a.okta.com', authorizationServer: null }).issuer).toBe(
      'https://a.okta.com',
    )
    expect(keycloak({ url: 'https://sso.example.com/', realm: 'a' }).issuer).toBe(
      'https://sso.example.com/realms/a',
    )
    expect(salesforce({ domain: 'test.salesforce.com' }).endpoints?.token).toBe(
      'https://test.salesforce.com/services/oauth2/token',
    )
    expect(zoho({ dataCenter: 'ca' }).endpoints?.token).toBe(
      'https://accounts.zohocloud.ca/oauth/v2/token',
    )
    expect(feishu({ lark: true })).toMatchObject({
      name: 'Lark',
      endpoints: { token: 'https://open.larksuite.com/open-apis/authen/v2/oauth/token' },
    })
  })

  it('keeps the user’s token of Slack, where that is wanted', () => {
    const { tokenResponse, authorizationRequest } = slack({ token: 'user' })
    expect(tokenResponse).toEqual({ within: 'authed_user' })
    expect(authorizationRequest?.parameterNames).toEqual({ scope: 'user_scope' })
    expect(slack({ tokenRotation: false }).refreshTokens).toBe('none')
  })
})
