import { text } from 'node:stream/consumers'
import axios from 'axios'
import type { TokenSet } from 'tokenward'
import { UsageError, type Request } from './arguments.js'
import { AWS_ROLE, GIT, STS } from './configuration.js'
import { awsCredentialsOf, execCredentialOf, gitCredentialOf, readGitRequest } from './formats.js'
import { withSession, type Session } from './session.js'
import { print, printJson } from './terminal.js'

/** Whoever gets it uses it for a while. */
const MIN_VALIDITY_MS = 60_000

async function freshTokens({ tokens }: Session): Promise<TokenSet> {
  await tokens.getAccessToken({ minValidityMs: MIN_VALIDITY_MS })
  return (await tokens.getTokens())!
}

/** Also `curl -H "Authorization: Bearer $(acme token)"`. */
export async function token({ profile, isJson }: Request): Promise<void> {
  const { accessToken, expiresAt } = await withSession(profile, freshTokens)
  const expires = expiresAt && new Date(expiresAt).toISOString()
  if (isJson) printJson({ accessToken, tokenType: 'Bearer', expiresAt: expires })
  else print(accessToken)
}

export async function kubernetesCredential({ profile }: Request): Promise<void> {
  printJson(execCredentialOf(await withSession(profile, freshTokens)))
}

export async function awsCredentials({ profile }: Request): Promise<void> {
  const { accessToken } = await withSession(profile, freshTokens)
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: AWS_ROLE,
    RoleSessionName: 'acme',
    WebIdentityToken: accessToken,
  })
  const { data } = await axios.post<unknown>(STS, form, { headers: { accept: 'application/json' } })
  printJson(awsCredentialsOf(data))
}

/** What git asks of a helper: `get`, `store` after the server took it, `erase` after it did not. */
export async function gitCredential({ profile, operand: action }: Request): Promise<void> {
  if (!['get', 'store', 'erase'].includes(action)) throw new UsageError('get, store or erase')
  const request = readGitRequest(await text(process.stdin))
  // Git asks every helper about every server: the token goes to ours alone.
  if (`${request.protocol}://${request.host}` !== GIT) return
  if (action === 'get') {
    const tokens = await withSession(profile, freshTokens)
    process.stdout.write(gitCredentialOf(tokens))
  }
  if (action === 'erase' && request.password) {
    const rejected = request.password
    await withSession(profile, ({ tokens }) => tokens.refresh({ rejected }))
  }
}
