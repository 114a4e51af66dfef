import { fixedToken, TokenManager, type TokenSource } from 'tokenward'
import { localStore, profiles, run, type LocalStore } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { CLIENT_ID, GIVEN_TOKEN, ISSUER } from './configuration.js'
import { confirm, tell } from './terminal.js'

export const oauth = oauthClient({ issuer: ISSUER, clientId: CLIENT_ID })

export const acmeProfiles = profiles({ app: 'acme', variable: 'ACME_PROFILE' })

/** A profile's session, which all runs of this program share. */
export interface Session {
  readonly profile: string
  readonly store: LocalStore
  readonly tokens: TokenManager
}

/** @param argument - the value of `--profile` */
async function openSession(argument: string | undefined): Promise<Session> {
  const { name: profile } = await acmeProfiles.current(argument)
  // The keyring, where there is one, else a file: chosen at a profile's first login, and told then.
  const store = localStore({
    app: 'acme',
    profile,
    onChoice: ({ kind }) => {
      tell(kind === 'keyring' ? 'Kept in your keyring.' : 'Kept in a file: no keyring is in reach.')
    },
    useFileIfLocked: ({ message }) => confirm(`${message}. Or keep the session in a file?`),
  })
  const tokens = new TokenManager({
    refresh: oauth.refreshToken(),
    revoke: oauth.revoke(),
    store,
    refreshWindowMs: 0, // renew when we must, never behind a call
  })
  explainCtrlC(tokens)
  return { profile, store, tokens }
}

/** Opens the session for a command; what the command has begun is saved before the process ends. */
export async function withSession<T>(
  argument: string | undefined,
  command: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(argument)
  return run(session.tokens, () => command(session))
}

/** The same for a request to the API: a token from the environment outranks the session. */
export async function withTokens<T>(
  argument: string | undefined,
  command: (tokens: TokenSource) => Promise<T>,
): Promise<T> {
  if (GIVEN_TOKEN) return command(fixedToken(GIVEN_TOKEN))
  return withSession(argument, ({ tokens }) => command(tokens))
}

/** Once: whoever listens for good has to end the process, too. */
function explainCtrlC(tokens: TokenManager): void {
  let isRefreshing = false
  tokens.on('refreshing', () => (isRefreshing = true))
  tokens.on('refreshed', () => (isRefreshing = false))
  tokens.on('refreshFailed', () => (isRefreshing = false))
  process.once('SIGINT', () => {
    if (isRefreshing) tell('\nSaving your session. Ctrl-C again ends this at once.')
  })
}
