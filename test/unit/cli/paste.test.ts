import { browserLogin } from 'tokenward/cli'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readPasted } from '../../../src/cli/paste.js'
import { browser, called, fakeClient, held, listeners, rejectionOf, STATE, TOKENS } from './support.js' // prettier-ignore

const ISSUER = 'https://auth.example.test'
const REQUEST = {
  url: `${ISSUER}/authorize`,
  redirectUri: 'http://127.0.0.1:8085/callback',
  state: STATE,
  codeVerifier: 'verifier',
  issuer: ISSUER,
}
const BACK = `http://127.0.0.1:8085/callback?code=the-code&state=${STATE}`

describe('what a user pastes', () => {
  it.each([
    ['the address', BACK, `code=the-code&state=${STATE}`],
    ['the address, broken by the terminal', BACK.replace('code=', ' code\n='), `code=the-code&state=${STATE}`], // prettier-ignore
    ['the address with a fragment', `${BACK}#`, `code=the-code&state=${STATE}`],
    ['an address of the server', BACK.replace('http://127.0.0.1:8085', ISSUER), `code=the-code&state=${STATE}`], // prettier-ignore
    ['the query alone', `?code=the-code&state=${STATE}`, `code=the-code&state=${STATE}`],
    ['a denial', BACK.replace('code=the-code', 'error=access_denied'), `error=access_denied&state=${STATE}`], // prettier-ignore
    ['the code', ' the-code \n', `code=the-code&state=${STATE}&iss=${encodeURIComponent(ISSUER)}`],
    ['the code and the state', `the-code#${STATE}`, `code=the-code&state=${STATE}&iss=${encodeURIComponent(ISSUER)}`], // prettier-ignore
  ])('%s is the response', (_, text, expected) => {
    expect(String(readPasted(text, REQUEST))).toBe(expected)
  })

  it.each([
    ['nothing', ''],
    ['a word', 'yes'],
    ["another login's address", BACK.replace(STATE, 'another')],
    ['an address without a state', 'http://127.0.0.1:8085/callback?code=the-code'],
    ['the address of the login page', `${ISSUER}/authorize?client_id=cli&state=${STATE}`],
    ["another login's code", 'the-code#another'],
    ['no text', undefined],
  ])('%s is not', (_, text) => {
    expect(readPasted(text, REQUEST)).toBeUndefined()
  })
})

describe('a login with `paste`', () => {
  let before = 0
  afterEach(async () => expect(await listeners()).toBe(before))

  async function begun(paste: (question: { isRetry: boolean; signal: AbortSignal }) => unknown) {
    before = await listeners()
    const window = browser()
    const client = fakeClient()
    const asked = vi.fn(paste as () => Promise<string>)
    const login = browserLogin({ client, onUrl: window.open, open: () => {}, paste: asked })
    await window.url
    return { login, window, client, asked }
  }

  it('takes what is pasted, though the browser never comes back', async () => {
    const { login, client } = await begun(() => Promise.resolve('the-code'))
    expect(await login).toBe(TOKENS)
    expect(String(client.authorizationCode.mock.lastCall![0])).toContain('code=the-code')
  })

  it('takes the browser, and takes the question back', async () => {
    let question: { signal: AbortSignal } | undefined
    const { login, window } = await begun((asked) => {
      question = asked
      return new Promise(() => {})
    })
    await window.comeBack()
    expect(await login).toBe(TOKENS)
    expect(question!.signal.aborted).toBe(true)
  })

  it('asks again until it is the response to this login, and says so', async () => {
    const answers = ['no', 'http://x/?code=the-code&state=another', BACK]
    const { login, asked } = await begun(() => Promise.resolve(answers.shift()))
    expect(await login).toBe(TOKENS)
    expect(asked.mock.calls.map(([{ isRetry }]: any) => isRetry)).toEqual([false, true, true])
  })

  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('the terminal is closed'))],
    ['throws', () => { throw new Error('no terminal') }], // prettier-ignore
    ['answers nonsense for ever', () => 'no'],
  ])('goes on with the browser where the question %s', async (_, paste) => {
    const { login, window, asked } = await begun(paste)
    await called(asked)
    await window.comeBack()
    expect(await login).toBe(TOKENS)
    expect(asked.mock.calls.length).toBeLessThanOrEqual(20)
  })

  it('takes the question back when the caller aborts', async () => {
    before = await listeners()
    const controller = new AbortController()
    const question = held<AbortSignal>()
    const login = browserLogin({
      client: fakeClient(),
      onUrl: () => {},
      open: () => {},
      signal: controller.signal,
      paste: ({ signal }) => {
        question.resolve(signal)
        return new Promise(() => {})
      },
    })
    const asked = await question.promise
    controller.abort()
    expect(await rejectionOf(login)).toBe(controller.signal.reason)
    expect(asked.aborted).toBe(true)
  })
})
