import type { TokenSet } from 'tokenward'

/** For kubectl and every client of its libraries: client-go runs us again when this has expired. */
export function execCredentialOf({ accessToken, expiresAt }: TokenSet): object {
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: {
      token: accessToken,
      ...(expiresAt !== undefined && { expirationTimestamp: instant(expiresAt) }),
    },
  }
}

/** Kubernetes' times have no fractions of a second. */
function instant(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`
}

/** What STS says in JSON. */
interface StsResponse {
  AssumeRoleWithWebIdentityResponse: {
    AssumeRoleWithWebIdentityResult: {
      Credentials: {
        AccessKeyId: string
        SecretAccessKey: string
        SessionToken: string
        /** Epoch seconds. */
        Expiration: number
      }
    }
  }
}

/** For the AWS CLI and SDKs, which run us again when this has expired. */
export function awsCredentialsOf(response: unknown): object {
  const { AssumeRoleWithWebIdentityResponse } = response as StsResponse
  const { Credentials } = AssumeRoleWithWebIdentityResponse.AssumeRoleWithWebIdentityResult
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials
  const expires = new Date(Expiration * 1000).toISOString()
  return { Version: 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration: expires }
}

/** The attributes that git sends, a line each (git-credential(1)). */
export interface GitRequest {
  readonly protocol?: string
  readonly host?: string
  readonly password?: string
}

export function readGitRequest(text: string): GitRequest {
  const lines = text.split('\n').map((line) => line.split('='))
  const valueOf = (name: string) => {
    const [, ...value] = lines.find(([key]) => key === name) ?? []
    return value.length === 0 ? undefined : value.join('=')
  }
  return { protocol: valueOf('protocol'), host: valueOf('host'), password: valueOf('password') }
}

/** As a password, which every git server understands, under a user name that none has. */
export function gitCredentialOf({ accessToken, expiresAt }: TokenSet): string {
  const lines = ['username=oauth2', `password=${accessToken}`]
  // Git forgets it then, instead of asking the server first.
  if (expiresAt !== undefined) lines.push(`password_expiry_utc=${Math.floor(expiresAt / 1000)}`)
  return `${lines.join('\n')}\n`
}
