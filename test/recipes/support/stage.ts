import { join } from 'node:path'
import { expect } from 'vitest'
import { freePort } from '../../support/free-port.js'
import { UserAgent } from '../../support/oidc/user-agent.js'
import { startRedis, type RedisServer } from '../../support/redis/server.js'
import { startApi, type Api } from './api.js'
import { RecipeBrowser } from './browser.js'
import { startIssuer, type Issuer } from './issuer.js'
import {
  projectOf,
  runProgram,
  startProgram,
  type Instance,
  type Program,
  type RecipeProgram,
} from './program.js'

/** How a recipe's program is made ready and started. */
export interface Recipe {
  name: string
  /** The program of the page, or what a framework makes of it. */
  program: RecipeProgram | ((environment: Record<string, string>) => Promise<Program>)
  /** How its process ends by SIGTERM, where that is not by 0. */
  end?: End
  /** Where the authorization server leads back to, where that is not `/auth/callback`. */
  callback?: string
  /** What its processes need beside what all need. */
  environment?: Record<string, string>
  /** The argument with which it is to be run once, before it is started. */
  once?: string
  /** How many processes: two, unless said otherwise. */
  instances?: 1
}

/** An exit code, or the signal itself. */
export type End = 0 | 143 | 'SIGTERM'

/** Two processes of one recipe, one Redis, a real authorization server and an API. */
export class Stage {
  private constructor(
    readonly redis: RedisServer,
    readonly api: Api,
    readonly issuer: Issuer,
    readonly instances: Instance[],
    /** What its processes say when they end well. */
    readonly end: End,
    readonly start: (port?: number) => Promise<Instance>,
    readonly callback: string,
  ) {}

  static async open({ name, program, end, once, callback, ...recipe }: Recipe): Promise<Stage> {
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const [redis, api, issuer] = await Promise.all([startRedis(), startApi(), startIssuer(origin)])
    const environment = {
      ORIGIN: origin,
      ISSUER: issuer.origin,
      CLIENT_ID: issuer.clientId,
      CLIENT_SECRET: issuer.clientSecret,
      API: api.origin,
      REDIS_URL: redis.url,
      AUTH_SECRET: 'a secret for nobody but this machine',
      ...recipe.environment,
    }
    const made =
      typeof program === 'function'
        ? await program(environment)
        : { file: join(projectOf(name, program), program.file) }
    if (once) await runProgram(made.file, [once], environment)
    const start = (at?: number) => startProgram(made, environment, at)
    const others = recipe.instances === 1 ? [] : [start()]
    const instances = await Promise.all([start(port), ...others])
    return new Stage(redis, api, issuer, instances, end ?? 0, start, callback ?? '/auth/callback')
  }

  async close(): Promise<void> {
    for (const { process } of this.instances) process.kill('SIGKILL')
    this.api.close()
    this.issuer.close()
    await this.redis.stop()
  }

  /** The API and the server are as they were at first. */
  reset(): void {
    this.issuer.lifetime.seconds = 300
    this.api.behaviour.challenge = () => undefined
    this.api.behaviour.hold = Promise.resolve()
  }

  origin(index: number): string {
    return this.instances[index % this.instances.length]!.origin
  }

  /** Nobody's. */
  browser(): RecipeBrowser {
    return new RecipeBrowser(this.origin(0))
  }

  /** How many token requests with a refresh token there were while this ran. */
  async refreshesDuring(task: () => Promise<unknown>): Promise<number> {
    const before = this.issuer.ledger.of('refresh_token').length
    await task()
    return this.issuer.ledger.of('refresh_token').length - before
  }

  /** A user who logs in at the first process and comes back to the second. */
  async logIn(name: string, browser = this.browser(), path = '/auth/login'): Promise<User> {
    const atServer = new UserAgent({ login: name, password: 'any', logout: 'yes' })
    const begun = await browser.get(path)
    const answer = await atServer.browseBackTo(
      this.origin(0) + this.callback,
      new URL(begun.headers.get('location')!),
    )
    const callback = answer.pathname + answer.search
    const back = await browser.at(this.origin(1)).get(callback)
    expect(back.status === 303 || back.status === 302).toBe(true)
    return { browser, atServer, callback, cameTo: back.headers.get('location')! }
  }
}

export interface User {
  readonly browser: RecipeBrowser
  /** The same user's browser, as the authorization server knows it. */
  readonly atServer: UserAgent
  /** The callback of the login, which was answered. */
  readonly callback: string
  readonly cameTo: string
}
