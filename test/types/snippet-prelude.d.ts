// What the snippets of README.md and docs/ may use without declaring it: what a reader's program
// has anyway. A name that a snippet declares itself takes the place of the one here.

import type { AxiosInstance } from 'axios'
import type { TokenManager, TokenManagerOptions, TokenStore } from 'tokenward'
import type {} from 'tokenward/axios'
import type { TokenFetch } from 'tokenward/fetch'
import type { OAuthClient } from 'tokenward/oauth'
import type { TokenManagerPool } from 'tokenward/pool'
import type { RedisClient } from 'tokenward/redis'

declare global {
  // From the app's configuration.
  const clientId: string
  const clientSecret: string

  // What a login brought: the token endpoint's JSON.
  const loginResponse: { access_token: string; refresh_token?: string; expires_in?: number }

  // What an earlier snippet of the page has made.
  const oauth: OAuthClient
  const tokens: TokenManager
  const api: AxiosInstance
  const apiFetch: TokenFetch
  const store: TokenStore
  const refresh: NonNullable<TokenManagerOptions['refresh']>
  const acquire: NonNullable<TokenManagerOptions['acquire']>

  // A CLI around it.
  function onUrl(url: string): void
  function onCode(code: { userCode: string; verificationUri: string }): void
  function askYesOrNo(question: string): Promise<boolean>
  function main(args: string[]): Promise<number>
  function myPrompt(signal: AbortSignal): Promise<string>

  // The app around it: many users, their sessions, a form that one of them sent.
  const session: { id: string }
  // The app's connection to Redis.
  const client: RedisClient & { destroy(): void }
  const form: FormData
  const stream: ReadableStream
  function managerOf(sessionId: string): TokenManager
  const pool: TokenManagerPool

  // What docs/recipes/sessions.md makes.
  function getMe(sessionId: string): Promise<unknown>
  const settings: { origin: string }
  function connect(): Promise<void>
  function callApi(id: string | undefined, path: `/${string}`): Promise<Response>
  function sessionIdOf(cookies: string | null | undefined): string | undefined
  function handleAuth(request: Request): Promise<Response>
  function answerTo(error: unknown, request: Request): Response | undefined
  function redirectToLogin(): void
  function showTryAgain(): void
}
