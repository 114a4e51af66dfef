import { oauthClient } from 'tokenward/oauth'
import { describe, expect, it } from 'vitest'
import { failureOf, FULL_METADATA, refreshContext, stubFetch } from './support.js'

const page = (title: string) =>
  `<!doctype html>\n<html lang="en"><head>\n<TITLE data-x="1">\n  ${title}</TITLE></head><body>`

/** All that is asked of a server, behind a gateway that responds in its place. */
const asking = {
  discovery: (fetch: Fetch) =>
    oauthClient({ issuer: 'https://auth.test', clientId: 'app', fetch }).discover(),
  'a refresh': (fetch: Fetch) => client(fetch).refreshToken()(refreshContext()),
  'the begin of a device login': (fetch: Fetch) => client(fetch).deviceAuthorization(),
}
type Fetch = ReturnType<typeof stubFetch>['fetch']
const client = (fetch: Fetch) => oauthClient({ metadata: FULL_METADATA, clientId: 'app', fetch })

const behind = (body: string, status: number) => stubFetch(() => new Response(body, { status }))

describe.each(Object.entries(asking))('%s behind a gateway', (_, ask) => {
  it.each([403, 200])('says whose page came in the place of a response: %s', async (status) => {
    const { fetch } = behind(page('Access denied - Acme\n Proxy'), status)
    const { message } = await failureOf(ask(fetch))
    expect(message).toContain('a page with the title "Access denied - Acme Proxy"')
  })

  it('shows it as one short line, without what looks like a token', async () => {
    const secret = `Bearer ${'x'.repeat(40)}`
    const { fetch } = behind(page(`\u001b[2J\u202e ${secret} ${'long '.repeat(80)}`), 403)
    const { message } = await failureOf(ask(fetch))
    expect(message).toContain('a page with the title "[2J')
    expect(message).toMatch(/^[\x20-\x7e§]+$/)
    expect(message).not.toContain('xxxx')
    expect(message.length).toBeLessThan(400)
  })

  it.each(['', '<html><title></title>', '<html>', '<title'])(
    'says nothing of a page without a title: %j',
    async (body) => {
      const { message } = await failureOf(ask(behind(body, 403).fetch))
      expect(message).not.toContain('title')
      expect(message).toMatch(/HTTP 403/)
    },
  )
})

it('does not show the refresh token that a page quotes', async () => {
  const { fetch } = behind(page('Blocked: RT1 in a form'), 403)
  const { message } = await failureOf(asking['a refresh'](fetch))
  expect(message).toContain('"Blocked: [redacted] in a form"')
})
