import { isTokenError, memoryStore, toTokenSet } from 'tokenward'
import { knownUser } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { postgresStore } from 'tokenward/postgres'
import { foreignText } from '../../src/foreign-text.js'
import { createRecordEncryption } from '../../src/stores/encryption/record-encryption.js'
import { createResponseReader } from '../../src/stores/keyring/keyring-response.js'
import type { Target } from './target.js'
import { useStored } from './use-stored.js'
import { JSON_WORDS, jsonOf, SESSION_WORDS, TIMES } from './words.js'

const ISSUER = 'https://auth.example.com'
const HEADER = btoa('{"alg":"RS256"}')

/** As Node gives it: in parts. */
function partsOf(text: string): string[] {
  const size = Math.max(1, Math.ceil(text.length / 16))
  return Array.from({ length: 16 }, (_, at) => text.slice(at * size, (at + 1) * size))
}

/** What a database, another process or a server gives back of what is kept or told. */
export const KEPT_TARGETS: readonly Target[] = [
  {
    name: 'postgres-row',
    words: [...JSON_WORDS, ...SESSION_WORDS, '"session":"{', '"is_ours":', '\\"version\\":5'],
    async read(text) {
      const rows = [jsonOf(text), { version: '5', session: text }]
      for (const row of rows) {
        const pool = { query: async () => ({ rows: Array.isArray(row) ? row : [row] }) }
        const store = postgresStore({ pool, key: 'session:1' })
        try {
          await useStored(await store.load())
          await store.save({ sessionId: 's', version: 6, tokens: null }, { ifVersion: undefined })
        } catch (error) {
          if (!isTokenError(error)) throw error
        }
      }
    },
  },
  {
    name: 'keyring-response',
    words: [...JSON_WORDS, '\n', '\ntokenward:', 'tokenward:{"key":"', '"error":"locked', '"stage":"get"'], // prettier-ignore
    read(text) {
      const responseIn = createResponseReader()
      let key: string | undefined
      try {
        for (const part of partsOf(text)) key ??= responseIn(part)?.key
      } catch (error) {
        // Told as the cause of an error of ours.
        if (!/^(It printed|Its response)/.test((error as Error).message)) throw error
      }
      if (key !== undefined) createRecordEncryption('keyringStore', key)
    },
  },
  {
    name: 'id-token-claims',
    words: [...JSON_WORDS, `"iss":"${ISSUER}"`, '"aud":["client"]', '"azp":', '"nonce":"n"', '"auth_time":', '"at_hash":', '"tid":', '"email":"', ...TIMES], // prettier-ignore
    async read(text) {
      const claims = Buffer.from(text).toString('base64url')
      const idToken = `${HEADER}.${claims}.c2ln`
      const label = knownUser({ idToken })?.label ?? ''
      if (foreignText(label) !== label) throw new Error('a name that is not shown as it is')
      const response = { access_token: 'a', token_type: 'Bearer', id_token: idToken }
      const client = oauthClient({
        metadata: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` },
        clientId: 'client',
        fetch: async () => Response.json(response),
      })
      const request = { url: ISSUER, redirectUri: 'http://127.0.0.1/', state: 's', codeVerifier: 'v'.repeat(43), issuer: ISSUER, nonce: 'n', maxAgeSeconds: 60 } // prettier-ignore
      const tokens = await client.authorizationCode('code=c&state=s', request)
      const said = JSON.parse(text.replace(/^\uFEFF/, '')) as { nonce?: unknown; iss?: unknown }
      if (said.nonce !== 'n' || said.iss !== ISSUER) throw new Error('another login was believed')
      toTokenSet(tokens)
      await memoryStore().save({ sessionId: 's', version: 1, tokens }, { ifVersion: undefined })
    },
  },
]
