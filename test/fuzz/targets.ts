import { mkdtempSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  fileStore,
  jsonTokens,
  knownUser,
  migrateSession,
  msalTokens,
  profiles,
} from 'tokenward/cli'
import {
  isTokenError,
  LoginRequiredError,
  memoryStore,
  toTokenSet,
  type TokenInput,
} from 'tokenward'
import { isGraphqlUnauthenticated } from 'tokenward/axios'
import { oauthClient, type OAuthClient } from 'tokenward/oauth'
import { readCallback } from '../../src/cli/callback-request.js'
import { readPasted } from '../../src/cli/paste.js'
import { foreignText, visibleText } from '../../src/foreign-text.js'
import { parseChallenges } from '../../src/http/challenge.js'
import { locationOf } from '../../src/http/fetch/redirect.js'
import { seeBody } from '../../src/http/readable-json.js'
import { meaningOfResponse } from '../../src/http/rejection.js'
import { parseHttpDate, retryAfterMs } from '../../src/http/retry-after.js'
import { createScrubber, describeCause } from '../../src/redact.js'
import { codecOf } from '../../src/stores/server/codec.js'
import { readRecord } from '../../src/stores/server/record.js'
import { readSession } from '../../src/stores/stored-session.js'
import { jwtExpiry } from '../../src/tokens/expiry.js'
import { KEPT_TARGETS } from './kept-targets.js'
import { MCP_TARGETS } from './mcp-targets.js'
import { RESPONSE_TARGETS } from './response-targets.js'
import type { Target } from './target.js'
import { useStored } from './use-stored.js'
import {
  HEADER_WORDS,
  JSON_WORDS,
  jsonOf,
  QUERY_WORDS,
  SECRET_WORDS,
  SESSION_WORDS,
  TIMES,
  TOKEN_WORDS,
} from './words.js'

const ISSUER = 'https://auth.example.com'
const METADATA = {
  issuer: ISSUER,
  token_endpoint: `${ISSUER}/token`,
  authorization_endpoint: `${ISSUER}/authorize`,
  device_authorization_endpoint: `${ISSUER}/device`,
}
const REQUEST = {
  url: `${ISSUER}/authorize`,
  redirectUri: 'http://127.0.0.1:8080/callback',
  state: 'the-state',
  codeVerifier: 'v'.repeat(43),
  issuer: ISSUER,
  nonce: 'the-nonce',
}

/** A client whose server answers just this, to everything. */
function clientOf(body: string, init: ResponseInit = {}, issuer?: string): OAuthClient {
  const server = issuer === undefined ? { metadata: METADATA } : { issuer }
  const fetch = () => Promise.resolve(new Response(body, init))
  return oauthClient({ ...server, clientId: 'client', fetch })
}

/** The body of a success and of a refusal. */
async function asBoth(read: (status: number) => unknown): Promise<void> {
  const results = await Promise.allSettled([200, 400].map(async (status) => read(status)))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

const folder = mkdtempSync(join(tmpdir(), 'tokenward-fuzz-'))
const at = (...names: string[]) => join(folder, ...names)
const key = Buffer.alloc(32, 7)

async function write(path: string, text: string): Promise<string> {
  await writeFile(path, text, { mode: 0o600 })
  return path
}

/** The store of a program whose profile file and session file are these. */
async function inStateFolder<T>(task: () => Promise<T>): Promise<T> {
  const { XDG_STATE_HOME } = process.env
  process.env.XDG_STATE_HOME = folder
  try {
    return await task()
  } finally {
    if (XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME
    else process.env.XDG_STATE_HOME = XDG_STATE_HOME
  }
}

/** Every parser that takes foreign bytes. */
export const TARGETS: readonly Target[] = [
  ...KEPT_TARGETS,
  ...MCP_TARGETS,
  ...RESPONSE_TARGETS,
  {
    name: 'challenges',
    words: HEADER_WORDS,
    read(text) {
      parseChallenges(text)
      parseChallenges(text.split('\n'))
      for (const status of [401, 403]) {
        const meaning = meaningOfResponse(status, text, ['bearer', 'dpop'])
        if (isTokenError(meaning)) throw meaning
      }
    },
  },
  {
    name: 'retry-after',
    words: ['Wed, 21 Oct 2026 07:28:00 GMT', ' GMT', ':', '.', ' ', ...TIMES],
    read(text) {
      const waitMs = retryAfterMs(text, text, Date.now()) ?? 0
      if (!(waitMs >= 0 && waitMs <= 3_600_000)) throw new Error(`a wait of ${waitMs} ms`)
      parseHttpDate(text)
    },
  },
  {
    name: 'location',
    words: ['//', '\\', 'https:', 'javascript:', '@', '#', '\t', '\u0000', '..', '%2e', ':99999'],
    read(text) {
      const headers = { get: () => text }
      const response = { type: 'basic', status: 302, headers } as unknown as Response
      try {
        locationOf(response, 'https://api.example.com/a', 0)
      } catch (error) {
        if ((error as Error).message !== 'fetch failed') throw error // as fetch says it
      }
    },
  },
  {
    name: 'token-response',
    words: [...JSON_WORDS, ...TOKEN_WORDS],
    read: (text) =>
      asBoth(async (status) => {
        const grant = clientOf(text, { status, headers: { 'retry-after': '1' } }).refreshToken()
        const tokens = await grant({ refreshToken: 'r', tokens: toTokenSet({ access_token: 'a' }) } as never) // prettier-ignore
        knownUser(toTokenSet(tokens))
      }),
  },
  {
    name: 'tokens',
    words: [
      ...JSON_WORDS,
      ...TOKEN_WORDS,
      '"expires_at":',
      '"expiresAt":',
      '"created_at":',
      '"dpopKey":{',
    ],
    read(text) {
      const value = jsonOf(text) as TokenInput
      const tokens = toTokenSet(value, { receivedAt: Date.now() })
      // What was taken can be stored, and read again.
      const session = { sessionId: 's', version: 1, tokens: JSON.parse(JSON.stringify(tokens)) }
      if (!readSession(session).session) throw new Error('what was taken cannot be stored')
    },
  },
  {
    name: 'discovery',
    words: [...JSON_WORDS, `"issuer":"${ISSUER}"`, '"token_endpoint":', 'http://', ISSUER],
    read: (text) =>
      asBoth(async (status) => {
        const client = clientOf(text, { status }, ISSUER)
        await client.discover()
        await client.endSessionUrl()
      }),
  },
  {
    name: 'device-answer',
    words: [...JSON_WORDS, '"device_code":', '"user_code":', '"verification_uri":"https://a"', '"interval":', '"expires_in":'], // prettier-ignore
    read: (text) =>
      asBoth(async (status) => {
        const { intervalMs, expiresAt, userCode } = await clientOf(text, {
          status,
        }).deviceAuthorization()
        if (!(intervalMs >= 1_000 && intervalMs <= 600_000))
          throw new Error(`every ${intervalMs} ms`)
        new Date(expiresAt).toISOString()
        if (foreignText(userCode) !== userCode) throw new Error('a code that is not shown as it is')
      }),
  },
  {
    name: 'callback',
    words: QUERY_WORDS,
    async read(text) {
      const client = clientOf('{"error":"invalid_grant"}', { status: 400 })
      readPasted(text, REQUEST)
      readPasted(`http://127.0.0.1/?${text}`, REQUEST)
      await client
        .authorizationCode(text, { ...REQUEST, state: crypto.randomUUID() })
        .catch(unlessForeign)
      await client.authorizationCode(`${text}&state=the-state`, REQUEST)
    },
  },
  {
    name: 'callback-request',
    words: [...QUERY_WORDS, '/callback?', '/', 'http://'],
    async read(text) {
      const home = new URL('http://127.0.0.1:8080/callback')
      const headers = { host: home.host, 'content-type': 'application/x-www-form-urlencoded' }
      await readCallback(home, { method: 'GET', headers, url: text } as unknown as IncomingMessage)
      const body = Readable.from([Buffer.from(text)])
      await readCallback(home, Object.assign(body, { method: 'POST', headers, url: '/callback' }) as unknown as IncomingMessage) // prettier-ignore
    },
  },
  {
    name: 'id-token',
    words: [
      '.',
      'eyJhbGciOiJSUzI1NiJ9',
      'eyJhbGciOiJub25lIn0',
      btoa('{"exp":1e309,"iat":-1}'),
      '=',
      '-',
      '_',
    ],
    async read(text) {
      jwtExpiry(text, Date.now(), { receivedAt: Date.now() })
      const label = knownUser({ idToken: text })?.label ?? ''
      if (foreignText(label) !== label) throw new Error('a name that is not shown as it is')
      const answer = { access_token: 'a', token_type: 'Bearer', id_token: text }
      await clientOf(JSON.stringify(answer)).authorizationCode('code=c&state=the-state', REQUEST)
    },
  },
  {
    name: 'stored-session',
    words: [...JSON_WORDS, ...SESSION_WORDS, ...TOKEN_WORDS],
    async read(text) {
      const found = readSession(jsonOf(text))
      if (found.damage) throw found.damage
      await useStored(found.session)
    },
  },
  {
    name: 'session-file',
    words: [
      ...JSON_WORDS,
      ...SESSION_WORDS,
      '"tokenward":1',
      '"write":"',
      '"session":{',
      '"sealed":"tw1.',
    ],
    async read(text) {
      const store = fileStore({ path: await write(at('session.json'), text) })
      await useStored(await store.load())
    },
  },
  {
    name: 'encrypted-file',
    words: [...JSON_WORDS, '"tokenward":1', '"write":"', '"salt":"', '"encrypted":"tw1.', 'AAAA', '.'], // prettier-ignore
    async read(text) {
      const path = await write(at('encrypted.json'), text)
      await useStored(await fileStore({ path, encryption: { key } }).load())
    },
  },
  {
    name: 'lease-file',
    words: ['{"tokenward":"lease","held":1,', '"held":0', '"write":"', '1-0-', '-0123456789', '"}\n', '\u0000'], // prettier-ignore
    async read(text) {
      const path = at('leased.json')
      await rm(`${path}.lock`, { force: true })
      await write(`${path}.lock`, text)
      await fileStore({ path }).exclusive!(async () => undefined, { signal: AbortSignal.timeout(5) }) // prettier-ignore
    },
  },
  {
    name: 'sealed-record',
    words: ['tw1.', '.', '=', 'AAAA', '\u0000'],
    async read(text) {
      const codec = codecOf('test', 'key', { key })
      await useStored(readRecord({ version: '1', session: text }, codec))
    },
  },
  {
    name: 'redis-record',
    words: [...JSON_WORDS, ...SESSION_WORDS],
    read(text) {
      const version = /"version":(\d+)/.exec(text)?.[1] ?? text
      const codec = codecOf('test', 'key', undefined)
      readRecord({ version, session: text }, codec)
      readRecord({ version: text, session: text }, codec)
    },
  },
  {
    name: 'json-of-an-api',
    words: [...JSON_WORDS, '"errors":[', '"extensions":{', '"code":"UNAUTHENTICATED"'],
    async read(text) {
      isGraphqlUnauthenticated({ data: jsonOf(text) })
      await isGraphqlUnauthenticated(
        new Response(text, { headers: { 'content-type': 'application/json' } }),
      )
      await seeBody(text)
      await seeBody(new TextEncoder().encode(text))
      await seeBody(new Response(text).body)
      await seeBody(Readable.from([Buffer.from(text)], { objectMode: false }))
    },
  },
  {
    name: 'profile-file',
    words: ['default', '../', '/', '\u0000', '\ufeff', ' ', '.', 'nul', '%2e', '\u202e'],
    read: (text) =>
      inStateFolder(async () => {
        await mkdir(at('fuzzed'), { recursive: true })
        const found = profiles({ app: 'fuzzed' })
        await found.switch('default')
        const { path } = await found.current()
        await write(path!, text)
        await found.current()
      }),
  },
  {
    name: 'old-session-file',
    words: [...JSON_WORDS, ...TOKEN_WORDS, '"expiry_date":', '"RefreshToken":{', '"AccessToken":{', '"secret":', '"home_account_id":'], // prettier-ignore
    async read(text) {
      for (const read of [jsonTokens(), jsonTokens('auth'), msalTokens()]) {
        const path = await write(at('old.json'), text)
        await migrateSession({ path, read, store: memoryStore() }).catch(unlessForeign)
      }
    },
  },
  {
    name: 'foreign-text',
    words: SECRET_WORDS,
    read(text) {
      const shown = foreignText(text)
      if (visibleText(shown) !== shown || shown.length > 503) throw new Error('not fit to be shown')
      const { text: scrubbed } = createScrubber(['secret-value', 'a'])
      scrubbed(text)
      const cause = describeCause(Object.assign(new Error(text), { code: text, name: text, stack: text })) // prettier-ignore
      if (/[^\P{Cc}\n]/u.test(String(cause.stack)))
        throw new Error('a stack with unseen characters')
      throw new LoginRequiredError(text, { reason: 'gone', cause })
    },
  },
]

/** What is only wanted for its way there. */
function unlessForeign(error: unknown): void {
  if (!(error instanceof Error) || !('isTransient' in error)) throw error
}
