// Plain JavaScript, run as it is by every runtime in a folder with the packed package: one law a
// process. What the test hands in comes as JSON, what came of it goes out as JSON.
import axios from 'axios'
import { isTokenError, TokenManager, tokenErrorOf } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { fileStore } from 'tokenward/cli'
import { createFetch } from 'tokenward/fetch'
import { oauthClient } from 'tokenward/oauth'

const [law, given] = process.argv.slice(-2)
const {
  api,
  elsewhere,
  issuer,
  clientId,
  clientSecret,
  path,
  tokens: initialTokens,
} = JSON.parse(given)
const oauth = oauthClient({ issuer, clientId, clientSecret })
const manage = (options) =>
  new TokenManager({ refresh: oauth.refreshToken(), initialTokens, ...options })
const distinct = (values) => [...new Set(values)]
const times = (count, act) => Promise.all(Array.from({ length: count }, (_, i) => act(i)))

const formOf = (text) => {
  const form = new FormData()
  form.append('file', new Blob([text]), 'name.txt')
  return form
}
/** A body of each kind that can be sent twice. */
const BODIES = [
  () => 'a text',
  () => new URLSearchParams({ a: 'b c' }),
  () => new Blob(['a blob']),
  () => new TextEncoder().encode('bytes'),
  () => formOf('a form'),
]

const LAWS = {
  async 'one refresh'() {
    const tokens = manage()
    const given = await times(50, () => tokens.getAccessToken())
    return { tokens: distinct(given).length, isOld: given[0] === initialTokens.access_token }
  },

  async 'saved before used'() {
    let record
    const saves = []
    const store = {
      singleProcess: true,
      load: async () => record,
      async save(session, { ifVersion }) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        if (record?.version !== ifVersion) return false
        record = JSON.parse(JSON.stringify(session))
        saves.push(session.tokens.accessToken)
        return true
      },
    }
    const tokens = manage({ store })
    const areSaved = await times(20, async () => saves.includes(await tokens.getAccessToken()))
    return { areSaved: distinct(areSaved), stored: record.tokens.accessToken === tokens.peek() }
  },

  async 'a session in a file'() {
    const store = fileStore({ path })
    const session = { sessionId: 'a', version: 1, tokens: null }
    const told = (done) => done.catch(({ code, message }) => `${code} ${message}`)
    const saved = await told(store.save(session, { ifVersion: undefined }))
    const leased = await told(
      store.exclusive(async () => {
        const other = fileStore({ path })
        const signal = AbortSignal.timeout(200)
        return other.exclusive(() => 'let in', { signal }).catch(({ reason }) => reason)
      }),
    )
    return { saved, leased, version: (await store.load())?.version }
  },

  async 'the end of a session'() {
    const tokens = manage()
    const ends = await times(20, () => tokens.getAccessToken().catch((error) => error))
    const again = await tokens.getAccessToken().catch((error) => error)
    return {
      codes: distinct(ends.map(({ code, reason }) => `${code} ${reason}`)),
      isOurs: isTokenError(again, 'ERR_LOGIN_REQUIRED'),
    }
  },

  async 'a 401, by fetch'() {
    const send = createFetch(manage(), { origins: [api] })
    const answers = await times(20, (i) =>
      send(`${api}/${i}`, { method: 'POST', body: BODIES[i % 5]() }),
    )
    const request = new Request(`${api}/request`, { method: 'PUT', body: 'of a Request' })
    answers.push(await send(request))
    return { statuses: distinct(answers.map(({ status }) => status)) }
  },

  async 'a 401, by a Request'() {
    const send = createFetch(manage(), { origins: [api] })
    const request = new Request(`${api}/x`, { method: 'PUT', body: 'bytes', headers: { a: 'b' } })
    const { status } = await send(request)
    return { status, bodyUsed: request.bodyUsed }
  },

  async 'a 401, by axios'() {
    const http = attachTokens(axios.create({ baseURL: api }), manage())
    const answers = await times(20, (i) => http.post(`/${i}`, BODIES[i % 5]()))
    return { statuses: distinct(answers.map(({ status }) => status)) }
  },

  async 'a stream, by fetch'() {
    const send = createFetch(manage(), { origins: [api] })
    const body = new Blob(['once']).stream()
    const answer = await send(`${api}/x`, { method: 'POST', body, duplex: 'half' })
    return { status: answer.status, reason: tokenErrorOf(answer)?.reason }
  },

  async 'a redirect, by fetch'() {
    const send = createFetch(manage(), { origins: [api] })
    const there = await send(`${api}/moved?to=${elsewhere}`, { method: 'POST', body: 'x' })
    const back = await send(`${api}/moved?to=/here`)
    return {
      there: [there.status, there.redirected, await there.json()],
      back: [back.status, back.redirected, new URL(back.url).pathname],
    }
  },

  async 'an abort, by fetch'() {
    const send = createFetch(manage(), { origins: [api] })
    const abort = new AbortController()
    const one = send(`${api}/x`, { signal: abort.signal }).catch((error) => error)
    const other = send(`${api}/x`)
    abort.abort(new Error('gone'))
    return { one: (await one).message, other: (await other).status }
  },
}

console.log(JSON.stringify(await LAWS[law]()))
