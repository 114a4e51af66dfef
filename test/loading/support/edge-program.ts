import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { inject } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What the program is given, as JSON. */
export interface Given {
  issuer: string
  client: { clientId: string; clientSecret: string }
  upstash: { url: string; token: string }
  /** What the session is called in the store. */
  session: string
  login: object
}

export interface Told {
  statuses: number[]
  hasNode: boolean
}

/** Twenty requests at once, with a session that is in a Redis over HTTP. */
const RENEW = `
import { Redis } from '@upstash/redis/cloudflare'
import { TokenManager } from 'tokenward'
import { createFetch } from 'tokenward/fetch'
import { oauthClient } from 'tokenward/oauth'
import { redisStore } from 'tokenward/redis'

export async function renew({ issuer, client, upstash, session, login }, background) {
  const tokens = new TokenManager({
    refresh: oauthClient({ issuer, ...client }).refreshToken(),
    store: redisStore({ client: new Redis({ ...upstash, retry: false }), key: session }),
    initialTokens: login,
    background,
  })
  const fetchWithTokens = createFetch(tokens, { origins: [issuer] })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetchWithTokens(issuer + '/api/me')),
  )
  return {
    statuses: [...new Set(answers.map(({ status }) => status))],
    hasNode: typeof process !== 'undefined' && process.versions?.node !== undefined,
  }
}
`

/**
 * The packed package in one file, with nothing of Node.js's.
 *
 * @param around - a module that does something with `renew`
 */
export async function edgeProgram(
  around: string,
  options: { format: 'iife' | 'esm'; conditions: string[] },
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: RENEW + around, resolveDir: inject('full'), sourcefile: 'program.js' },
    nodePaths: [join(ROOT, 'node_modules')], // for Upstash's client
    bundle: true,
    platform: 'browser',
    write: false,
    logLevel: 'silent',
    ...options,
  })
  return outputFiles[0]!.text
}
