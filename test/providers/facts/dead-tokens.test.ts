import { LoginRequiredError, RefreshRejectedError, StepUpRequiredError } from 'tokenward'
import type { Provider } from 'tokenward/oauth'
import {
  atlassian,
  auth0,
  box,
  entra,
  githubApp,
  google,
  hubspot,
  linkedin,
  quickbooks,
  reddit,
  shopify,
  slack,
  strava,
  x,
  xero,
  zoho,
} from 'tokenward/providers'
import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../support.js'
import { answered, refusalBy, refusalOfOwn, UNKNOWN } from './support.js'

/** The description knows it, and without one it is not taken for an end. */
async function knownByDescription(provider: Provider, status: number, body: unknown) {
  expect(await refusalBy(provider, status, body)).toBeInstanceOf(LoginRequiredError)
  expect(await refusalBy(UNKNOWN, status, body)).not.toBeInstanceOf(LoginRequiredError)
}

/** It is an end for everybody: with the preset, with none, and from a `refresh` of one's own. */
async function knownByEverybody(provider: Provider, status: number, body: unknown) {
  for (const each of [provider, UNKNOWN]) {
    expect(await refusalBy(each, status, body)).toMatchObject({ reason: 'invalid-grant' })
  }
  for (const way of ['returned', 'thrown'] as const) {
    const error = await refusalOfOwn(way, status, body)
    expect(error).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason: 'invalid-grant' })
  }
}

describe('a dead refresh token', () => {
  it('of GitHub comes with status 200', () =>
    knownByEverybody(githubApp(), 200, { error: 'bad_refresh_token', error_description: 'Bad.' }))

  it('of Slack comes with status 200', () =>
    knownByEverybody(slack(), 200, { ok: false, error: 'invalid_refresh_token' }))

  it('of Slack may be revoked', () =>
    knownByEverybody(slack(), 200, { ok: false, error: 'token_revoked' }))

  it('of Zoho is an invalid code, with status 200', () =>
    knownByDescription(zoho(), 200, { error: 'invalid_code' }))

  it('of HubSpot has a status of its own beside the word for a wrong request', () =>
    knownByEverybody(hubspot(), 400, {
      status: 'BAD_REFRESH_TOKEN',
      error: 'invalid_request',
      message: 'missing or unknown refresh token',
    }))

  it('of X is told by the description alone', async () => {
    const said = { error: 'invalid_request', error_description: 'Value passed for the token was invalid.' } // prettier-ignore
    await knownByDescription(x(), 400, said)
    const other = { error: 'invalid_request', error_description: 'Missing required parameter.' }
    expect(await refusalBy(x(), 400, other)).toBeInstanceOf(RefreshRejectedError)
  })

  it('of Strava differs from a wrong secret in the resource alone', async () => {
    const said = (resource: string, field: string) => ({
      message: 'Bad Request',
      errors: [{ resource, field, code: 'invalid' }],
    })
    await knownByDescription(strava(), 400, said('RefreshToken', 'refresh_token'))
    const secret = await refusalBy(strava(), 400, said('Application', 'client_secret'))
    expect(secret).toBeInstanceOf(RefreshRejectedError)
  })

  it('of Reddit is a number', () =>
    knownByDescription(reddit(), 400, { message: 'Bad Request', error: 400 }))

  it('of LemonLDAP::NG and @jmondi/oauth2-server is told by who knows the server', () =>
    knownByDescription({ ...UNKNOWN, errors: { endsSession: ['invalid_request'] } }, 400, {
      error: 'invalid_request',
    }))

  it('of glewlwyd is an empty 400, told by who knows the server', () =>
    knownByDescription(
      { ...UNKNOWN, errors: { endsSession: [{ $status: 400, $body: '' }] } },
      400,
      '',
    ))

  it('of Entra v1 asks for interaction, which is a step-up unless the description says more', async () => {
    const said = { error: 'interaction_required' }
    await knownByDescription(
      { ...UNKNOWN, errors: { endsSession: ['interaction_required'] } },
      400,
      said,
    )
    expect(await refusalBy(UNKNOWN, 400, said)).toBeInstanceOf(StepUpRequiredError)
  })

  it('of Entra v2 is invalid_grant, with a code of its own', async () => {
    const said = {
      error: 'invalid_grant',
      error_description: 'AADSTS700082: The refresh token has expired due to inactivity.',
      suberror: 'bad_token',
    }
    await knownByEverybody(entra(), 400, said)
    expect(await refusalOfOwn('thrown', 400, said)).toMatchObject({ providerError: 'AADSTS700082' })
  })

  it('of Auth0 and Atlassian comes with 403', async () => {
    const said = { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }
    await knownByEverybody(auth0({ domain: 'acme.auth0.com' }), 403, said)
    await knownByEverybody(atlassian(), 403, said)
  })

  it('of WeChat is a number, with status 200', () =>
    knownByDescription(
      {
        ...UNKNOWN,
        errors: { code: 'errcode', description: 'errmsg', endsSession: [40030, 42002] },
      },
      200,
      { errcode: 40030, errmsg: 'invalid refresh_token' },
    ))

  it.each([google(), xero(), quickbooks(), box(), linkedin()])(
    'of $name is invalid_grant, as RFC 6749 has it',
    (provider) => knownByEverybody(provider, 400, { error: 'invalid_grant' }),
  )

  it('of Shopify and Kakao is invalid_grant, as RFC 6749 has it', async () => {
    const said = { error: 'invalid_grant' }
    await knownByEverybody(UNKNOWN, 400, said) // Kakao
    const shop = { shop: 'a-shop.myshopify.com' }
    const { refresh } = answered(shopify(), said, 400, shop)
    expect(await rejectionOf(refresh())).toBeInstanceOf(LoginRequiredError)
  })
})
