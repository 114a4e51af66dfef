import { createClient } from 'redis'
import { TokenManager, type TokenStore } from '../../../dist/index.js'
import { fileStore } from '../../../dist/cli.js'
import { redisStore } from '../../../dist/redis.js'
import { answerQuestions } from '../measure/child.ts'
import { msalOnFile } from '../peers/msal-on-file.ts'
import type { Issued } from '../peers/peer.ts'
import { requestTokens, secondsLeft } from '../peers/wire.ts'

/** Where the session of all these processes is. */
export type Place =
  | { kind: 'file'; path: string }
  | { kind: 'redis'; url: string; key: string }
  | { kind: 'msal'; path: string }
  | { kind: 'nowhere' }

export type ProcessQuestion =
  | { kind: 'prepare'; place: Place; tokenEndpoint: string; issued: Issued }
  | { kind: 'log in' }
  | { kind: 'get the token' }

let getToken: () => Promise<unknown>
let logIn: () => Promise<unknown>

answerQuestions(async (question: ProcessQuestion): Promise<unknown> => {
  if (question.kind === 'log in') return void (await logIn())
  if (question.kind === 'get the token') {
    await getToken()
    return Date.now()
  }
  const { place, tokenEndpoint, issued } = question
  if (place.kind === 'nowhere') {
    getToken = () => requestTokens(tokenEndpoint, issued.refreshToken)
    return null
  }
  if (place.kind === 'msal') {
    ;({ getToken, logIn } = await msalOnFile(place.path, tokenEndpoint, issued))
    return null
  }
  const store = await storeAt(place)
  const manager = new TokenManager({
    store,
    refresh: ({ refreshToken }) => requestTokens(tokenEndpoint, refreshToken),
  })
  getToken = () => manager.getAccessToken()
  logIn = () =>
    manager.setTokens({
      accessToken: issued.accessToken,
      refreshToken: issued.refreshToken,
      expiresIn: secondsLeft(issued),
    })
  return null
})

async function storeAt(place: Exclude<Place, { kind: 'nowhere' | 'msal' }>): Promise<TokenStore> {
  if (place.kind === 'file') return fileStore({ path: place.path })
  const client = createClient({ url: place.url })
  await client.connect()
  return redisStore({ client, key: place.key })
}
