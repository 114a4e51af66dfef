import { join } from 'node:path'
import type { TokenInput } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import type { AuthorizationServer, AuthorizationServerOptions } from 'tokenward/testing'
import { afterEach } from 'vitest'
import { CliProcess } from './cli-process.js'
import type { Setting } from './protocol.js'
import { logInAt, useBundle, useFolder, useServer } from './resources.js'

/** A session's file, the server that it is at, and the processes that share it. */
export interface Scene {
  readonly server: AuthorizationServer
  readonly path: string
  /** Logs in where no process of ours is watched. @default an expired access token */
  logIn(tokens?: TokenInput): Promise<void>
  /** What is in the file; reads it as any process does. */
  stored(): ReturnType<ReturnType<typeof fileStore>['load']>
  /** Processes that are ready to be asked. */
  start(count: number, setting?: Partial<Setting>): Promise<CliProcess[]>
  /** @param runtime - @default Node.js */
  startOne(setting?: Partial<Setting>, runtime?: string): Promise<CliProcess>
}

/** Everything fresh for each test, and nothing left after it. */
export function useScene(options: AuthorizationServerOptions = {}): Scene {
  const script = useBundle('session')
  const folder = useFolder()
  const server = useServer(options)
  const started: CliProcess[] = []
  afterEach(() => Promise.all(started.splice(0).map((each) => each.kill())))

  const scene: Scene = {
    get server() {
      return server()
    },
    get path() {
      return join(folder(), 'state', 'session.json')
    },
    logIn: (tokens = expired(server())) => logInAt(scene.path, tokens),
    stored: () => fileStore({ path: scene.path }).load(),
    async startOne(setting, runtime) {
      const { issuer } = server()
      const child = new CliProcess(script(), { issuer, path: scene.path, ...setting }, [], runtime)
      started.push(child)
      await child.ready
      return child
    },
    start: (count, setting) =>
      Promise.all(Array.from({ length: count }, () => scene.startOne(setting))),
  }
  return scene
}

/** A login whose access token has expired: the next call has to renew it. */
export function expired(server: AuthorizationServer): TokenInput {
  return { ...server.login(), expires_at: 1 }
}
