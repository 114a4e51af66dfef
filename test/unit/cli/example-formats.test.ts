import { describe, expect, it } from 'vitest'
import {
  awsCredentialsOf,
  execCredentialOf,
  gitCredentialOf,
  readGitRequest,
} from '../../../docs/examples/cli/src/formats.js'
import { TOKENS } from './support.js'

const expiring = { ...TOKENS, expiresAt: Date.parse('2026-11-27T21:00:00.999Z') }

describe('the formats of other programs', () => {
  it('kubectl: an ExecCredential, whose instant has no fraction', () => {
    expect(execCredentialOf(expiring)).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: TOKENS.accessToken, expirationTimestamp: '2026-11-27T21:00:00Z' },
    })
    expect(execCredentialOf(TOKENS)).toMatchObject({ status: { token: TOKENS.accessToken } })
    expect(JSON.stringify(execCredentialOf(TOKENS))).not.toContain('expirationTimestamp')
  })

  it('AWS: what STS gave, with an ISO instant', () => {
    const Credentials = {
      AccessKeyId: 'ASIA',
      SecretAccessKey: 'secret',
      SessionToken: 'session',
      Expiration: Date.parse('2026-11-27T21:00:00Z') / 1000,
    }
    const AssumeRoleWithWebIdentityResult = { Credentials, Audience: 'acme' }
    const response = { AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult } }
    expect(awsCredentialsOf(response)).toEqual({
      Version: 1,
      ...Credentials,
      Expiration: '2026-11-27T21:00:00.000Z',
    })
  })

  it('git: the token as a password, with its end in whole seconds', () => {
    expect(gitCredentialOf(expiring)).toBe(
      `username=oauth2\npassword=${TOKENS.accessToken}\npassword_expiry_utc=1795813200\n`,
    )
  })

  it('git: the attributes as they come, an = in a value included', () => {
    const text = 'capability[]=authtype\nprotocol=https\nhost=git.test\npassword=a=b=\n\n'
    expect(readGitRequest(text)).toEqual({ protocol: 'https', host: 'git.test', password: 'a=b=' })
    expect(readGitRequest('')).toEqual({})
  })
})
