import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TokenManager, type TokenInput } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from 'tokenward/testing'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { bundle, type Bundle } from './bundle.js'

/** @returns the fixture's path, once the tests run */
export function useBundle(fixture: string): () => string {
  let made: Bundle
  beforeAll(async () => void (made = await bundle(fixture)))
  afterAll(() => made.remove())
  return () => made.path
}

/** @returns the folder of the test that runs, gone after it */
export function useFolder(): () => string {
  let folder: string
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'tokenward-'))))
  afterEach(() => rm(folder, { recursive: true, force: true }))
  return () => folder
}

/** @returns the server of the test that runs; it listens */
export function useServer(options: AuthorizationServerOptions = {}): () => AuthorizationServer {
  let server: AuthorizationServer
  let listening: Awaited<ReturnType<AuthorizationServer['listen']>>
  beforeEach(async () => {
    server = createAuthorizationServer({ clientId: 'cli', accessTokenFormat: 'opaque', ...options })
    listening = await server.listen()
  })
  afterEach(async () => {
    server.reset()
    await listening.close()
  })
  return () => server
}

/** Logs in, as a process does of which nothing else is known. */
export async function logInAt(path: string, tokens: TokenInput): Promise<void> {
  const refresh = () => Promise.reject(new Error('This manager only logs in'))
  const manager = new TokenManager({ refresh, store: fileStore({ path }) })
  await manager.setTokens(tokens)
  await manager.close()
}
