import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import type { TokenSet } from 'tokenward'
import type { AuthorizationRequest, OAuthClient } from 'tokenward/oauth'
import { vi } from 'vitest'

export const TOKENS: TokenSet = Object.freeze({
  accessToken: 'the-access-token',
  tokenType: 'Bearer',
  refreshToken: 'the-refresh-token',
  issuedAt: 0,
})

/** Looks like no secret: it must be known as one. */
export const STATE = 'the-state-of-this-login'

type LoginClient = Pick<OAuthClient, 'authorizationRequest' | 'authorizationCode'>

/** A client whose answers are the test's. */
export function fakeClient(parts: Partial<LoginClient> = {}) {
  return {
    authorizationRequest: vi.fn<OAuthClient['authorizationRequest']>(
      parts.authorizationRequest ?? (async ({ redirectUri = '' } = {}) => requestOf(redirectUri)),
    ),
    authorizationCode: vi.fn<OAuthClient['authorizationCode']>(
      parts.authorizationCode ?? (async () => TOKENS),
    ),
  }
}

function requestOf(redirectUri: string): AuthorizationRequest {
  const url = new URL('https://auth.example.test/authorize')
  url.searchParams.set('redirect_uri', redirectUri)
  url.searchParams.set('state', STATE)
  return {
    url: url.href,
    redirectUri,
    state: STATE,
    codeVerifier: 'verifier-of-this-login-0123456789',
    issuer: 'https://auth.example.test',
  }
}

/** An `open` that tells the test what was opened. */
export function browser() {
  let opened!: (url: URL) => void
  const url = new Promise<URL>((resolve) => (opened = resolve))
  const redirectUri = url.then((opened) => new URL(opened.searchParams.get('redirect_uri')!))
  return {
    open: vi.fn((href: string): unknown => void opened(new URL(href))),
    url,
    redirectUri,
    /** What the authorization server sends the browser back with. */
    async comeBack(parameters: Record<string, string> = { code: 'the-code', state: STATE }) {
      return ask(answerUrl(await redirectUri, parameters))
    },
  }
}

function answerUrl(redirectUri: URL, parameters: Record<string, string>): URL {
  const url = new URL(redirectUri)
  url.search = new URLSearchParams(parameters).toString()
  return url
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  html: string
}

/** One request on a connection of its own; `target` and `host` as they go on the wire. */
export function ask(
  url: URL,
  {
    method = 'GET',
    host = url.host,
    target = url.pathname + url.search,
    headers = {},
    body = '',
    address = url.hostname.replace(/[[\]]/g, ''),
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = url
    const sent = httpRequest(
      {
        hostname: address,
        port,
        method,
        path: target,
        headers: { ...headers, host },
        agent: false,
      },
      (response) => {
        let html = ''
        response.setEncoding('utf8').on('data', (part: string) => (html += part))
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, html }),
        )
        response.on('error', reject)
      },
    )
    sent.on('error', reject).end(body)
  })
}

/** What a connection to the port comes to: `ECONNREFUSED` where nobody listens. */
export function connection(port: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), host)
    socket.once('connect', () => resolve('connected'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!))
    socket.once('connect', () => socket.destroy())
  })
}

/** How many servers this process has open, once those that were closed are gone. */
export async function listeners(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
}

export async function rejectionOf(promise: Promise<unknown>): Promise<any> {
  return promise.then(
    () => {
      throw new Error('It was expected to reject')
    },
    (error: unknown) => error,
  )
}

/** Resolves when the mock has been called. */
export async function called(mock: { mock: { calls: unknown[] } }): Promise<void> {
  while (mock.mock.calls.length === 0) await new Promise(setImmediate)
}

/** A promise that the test settles. */
export function held<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
