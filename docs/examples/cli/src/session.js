import { fixedToken, TokenManager } from 'tokenward'
import { fileStore, finishBeforeExit } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { CLIENT_ID, GIVEN_TOKEN, ISSUER } from './configuration.js'

export const oauth = oauthClient({ issuer: ISSUER, clientId: CLIENT_ID })

/**
 * The user's session under that profile, which all runs of this program share. After Ctrl-C the
 * process ends as soon as a refresh in flight is saved.
 *
 * @param {string} profile
 */
export function openSession(profile) {
  const tokens = new TokenManager({
    refresh: oauth.refreshToken(),
    revoke: oauth.revoke(),
    store: fileStore({ app: 'acme', profile }),
  })
  finishBeforeExit(tokens)
  return tokens
}

/**
 * What the API's requests are made with: a token from the environment outranks the session.
 *
 * @param {string} profile
 */
export function openTokens(profile) {
  return GIVEN_TOKEN ? fixedToken(GIVEN_TOKEN) : openSession(profile)
}
