import { spawn } from 'node:child_process'
import { browserLogin, deviceLogin } from 'tokenward/cli'
import { GIVEN_TOKEN, RESOURCE, SCOPE } from './configuration.js'
import { NotSignedIn } from './failures.js'
import { oauth, openSession, openStore } from './session.js'
import { bold, print, tell } from './terminal.js'

/** @import { Request } from './arguments.js' */

/** @param {Request} request */
export async function login({ profile, isDevice }) {
  const tokens = openSession(profile)
  await tokens.setTokens(isDevice ? await logInElsewhere() : await logInHere())
  tell(`${bold('Signed in.')} Profile: ${profile}`)
  warnOfGivenToken()
}

function logInHere() {
  return browserLogin({
    client: oauth,
    scope: SCOPE,
    resource: RESOURCE,
    prompt: 'consent', // or an OpenID Connect server gives no refresh token
    open: (url) => {
      tell(`Your browser opens. If it does not, go to ${url}`)
      const [command, ...args] = BROWSERS[process.platform] ?? ['xdg-open']
      const child = spawn(process.env.BROWSER ?? command, [...args, url], { stdio: 'ignore' })
      child.on('error', () => undefined) // the user has the address
    },
  })
}

/** @type {Partial<Record<NodeJS.Platform, [string, ...string[]]>>} */
const BROWSERS = { darwin: ['open'], win32: ['rundll32', 'url.dll,FileProtocolHandler'] }

function logInElsewhere() {
  return deviceLogin({
    client: oauth,
    scope: SCOPE,
    resource: RESOURCE,
    onCode: ({ verificationUri, userCode }) =>
      tell(`Go to ${bold(verificationUri)} and enter ${bold(userCode)}`),
  })
}

/** @param {Request} request */
export async function status({ profile }) {
  const store = openStore(profile)
  const tokens = await openSession(profile, store).getTokens()
  print(`profile: ${profile}`)
  print(`signed in: ${tokens ? 'yes' : 'no'}`)
  if (tokens) print(`kept in: ${await store.kind()}`)
  if (tokens?.expiresAt) print(`access token until: ${new Date(tokens.expiresAt).toISOString()}`)
  warnOfGivenToken()
  if (!tokens && !GIVEN_TOKEN) throw new NotSignedIn()
}

/** @param {Request} request */
export async function logout({ profile }) {
  await openSession(profile).signOut()
  tell('Signed out.')
  warnOfGivenToken()
}

function warnOfGivenToken() {
  if (GIVEN_TOKEN) tell('ACME_TOKEN is set, and used in place of the session.')
}
