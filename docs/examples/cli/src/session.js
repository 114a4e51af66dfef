import { fixedToken, TokenManager } from 'tokenward'
import { finishBeforeExit, localStore } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { CLIENT_ID, GIVEN_TOKEN, ISSUER } from './configuration.js'
import { tell } from './terminal.js'

export const oauth = oauthClient({ issuer: ISSUER, clientId: CLIENT_ID })

/**
 * The keyring, where there is one, else a file: chosen at a profile's first login, and told then.
 *
 * @param {string} profile
 */
export function openStore(profile) {
  return localStore({
    app: 'acme',
    profile,
    onChoice: ({ kind }) => {
      tell(kind === 'keyring' ? 'Kept in your keyring.' : 'Kept in a file: no keyring is in reach.')
    },
  })
}

/**
 * The user's session under that profile, which all runs of this program share. After Ctrl-C the
 * process ends as soon as a refresh in flight is saved.
 *
 * @param {string} profile
 * @param {import('tokenward').TokenStore} store
 */
export function openSession(profile, store = openStore(profile)) {
  const tokens = new TokenManager({
    refresh: oauth.refreshToken(),
    revoke: oauth.revoke(),
    store,
  })
  finishBeforeExit(tokens)
  explainCtrlC(tokens)
  return tokens
}

/**
 * Once: whoever listens for good has to end the process, too.
 *
 * @param {TokenManager} tokens
 */
function explainCtrlC(tokens) {
  let isRefreshing = false
  tokens.on('refreshing', () => (isRefreshing = true))
  tokens.on('refreshed', () => (isRefreshing = false))
  tokens.on('refreshFailed', () => (isRefreshing = false))
  process.once('SIGINT', () => {
    if (isRefreshing) tell('\nSaving your session. Ctrl-C again ends this at once.')
  })
}

/**
 * What the API's requests are made with: a token from the environment outranks the session.
 *
 * @param {string} profile
 */
export function openTokens(profile) {
  return GIVEN_TOKEN ? fixedToken(GIVEN_TOKEN) : openSession(profile)
}
