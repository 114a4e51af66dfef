import { expect, it } from 'vitest'
import { createAuthorizationServer } from 'tokenward/testing'
import { main } from '../../src/doctor/main.js'
import { PRESETS } from './presets.js'

const SECRET = 'the-clients-own-secret'

/** What the presets that need it are called with. */
const OPTIONS: Readonly<Record<string, string[]>> = {
  auth0: ['domain=acme.eu.auth0.com'],
  cognito: ['region=eu-central-1', 'userPoolId=eu-central-1_AbCdEfGhI'],
  ebay: ['ruName=Acme'],
  keycloak: ['url=https://sso.example.com', 'realm=acme'],
  okta: ['domain=acme.okta.com'],
}

it.each(PRESETS)('doctor $name knows the server, and its client', async (preset) => {
  const { name, provider, variables = {} } = preset
  const server = createAuthorizationServer({ as: name, clientId: 'web', clientSecret: SECRET })
  let printed = ''
  const options = [
    ...(OPTIONS[name] ?? []).flatMap((option) => ['--option', option]),
    ...Object.entries(variables).flatMap(([key, value]) => ['--variable', `${key}=${value}`]),
  ]
  const words = ['--skip-machine', '--client-id', 'web', '--client-secret-env', 'S', '--yes']
  const exitCode = await main(['doctor', name, ...options, ...words], {
    fetch: (url, init) => server.fetch(url, init),
    env: { S: SECRET },
    print: (text) => void (printed += text),
    ask: () => Promise.reject(new Error('asked')),
  })
  expect(printed).toContain(`tokenward doctor: ${provider.name}`)
  expect(printed).toContain(
    '✓ client: the client is accepted, and a dead refresh token is recognised',
  )
  expect(printed).not.toContain(SECRET)
  expect(exitCode).toBe(0)
  expect(server.stats).toMatchObject({ tokenRequests: 1, issued: 0 })
})
