import { knownUser, saveLogin, terminalLogin } from 'tokenward/cli'
import type { Request } from './arguments.js'
import { GIVEN_TOKEN, RESOURCE, SCOPE } from './configuration.js'
import { NotSignedIn } from './failures.js'
import { acmeProfiles, oauth, withSession } from './session.js'
import { bold, print, printJson, tell } from './terminal.js'

export async function login({ profile: argument, method }: Request): Promise<void> {
  await withSession(argument, async ({ profile, store, tokens }) => {
    const result = await terminalLogin({
      client: oauth,
      store, // what is wrong with it is said before the browser opens
      method,
      scope: SCOPE,
      resource: RESOURCE,
      prompt: 'consent', // or an OpenID Connect server gives no refresh token
      onUrl: (url) => tell(`Your browser opens. If it does not, go to ${url}`),
      onCode: ({ verificationUri, userCode }) =>
        tell(`Go to ${bold(verificationUri)} and enter ${bold(userCode)}`),
    })
    await saveLogin(tokens, result)
    const { label = 'you' } = knownUser(result) ?? {}
    tell(`${bold('Logged in')} as ${label}. Profile: ${profile}`)
    warnOfGivenToken()
  })
}

export async function status({ profile: argument, isJson }: Request): Promise<void> {
  await withSession(argument, async ({ profile, store, tokens }) => {
    const { from, path } = await acmeProfiles.current(argument)
    const set = await tokens.getTokens()
    const facts = {
      profile,
      profileFrom: path ?? from,
      signedIn: set !== undefined,
      user: knownUser(set)?.label,
      keptIn: set && (await store.kind()),
      expiresAt: set?.expiresAt && new Date(set.expiresAt).toISOString(),
    }
    if (isJson) printJson(facts)
    else {
      print(`profile: ${profile} (${facts.profileFrom})`)
      print(`logged in: ${facts.signedIn ? 'yes' : 'no'}`)
      if (facts.user) print(`user: ${facts.user}`)
      if (facts.keptIn) print(`kept in: ${facts.keptIn}`)
      if (facts.expiresAt) print(`access token until: ${facts.expiresAt}`)
    }
    warnOfGivenToken()
    if (!set && !GIVEN_TOKEN) throw new NotSignedIn()
  })
}

export async function logout({ profile: argument }: Request): Promise<void> {
  await withSession(argument, ({ tokens }) => tokens.signOut())
  tell('Logged out.')
  warnOfGivenToken()
}

function warnOfGivenToken(): void {
  if (GIVEN_TOKEN) tell('ACME_TOKEN is set, and used in place of the session.')
}
