import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ANOTHER_RUNTIME } from './support/another-runtime.js'
import type { CliProcess } from './support/cli-process.js'
import { createRandom, SEED } from './support/random.js'
import { useScene, type Scene } from './support/scene.js'
import { TokenWatch } from './support/token-watch.js'

const KILLS = 120
const AT_WORK = 5 // one to be killed, and four others
const SPARE = 3
/** Longer than a refresh takes. */
const LONGEST_LIFE_MS = 40

/** Processes that renew again and again, one of which is killed every now and then. */
class Crowd {
  readonly watch: TokenWatch
  readonly killed = new Set<number>()
  logins = 0
  #refusalsSeen = 0
  #started = 0
  readonly #scene: Scene
  readonly #random = createRandom(SEED)
  readonly #atWork: CliProcess[]
  readonly #spare: Promise<CliProcess>[] = []

  constructor(scene: Scene, atWork: CliProcess[]) {
    this.#scene = scene
    this.#atWork = atWork
    this.watch = new TokenWatch(scene.server, () => scene.stored())
    for (const each of atWork) void each.ask('work')
    for (let count = 0; count < SPARE; count++) this.#spare.push(this.#startSpare())
  }

  /** What went wrong for those who live. */
  get failures() {
    return this.#atWork.flatMap(({ failures }) => failures)
  }

  async endure(kills: number): Promise<void> {
    for (let count = 0; count < kills; count++) {
      do {
        await this.#logInIfEnded()
        await this.#news()
      } while (this.watch.refusals > this.#refusalsSeen)
      await this.#killOne()
    }
    await this.#logInIfEnded()
    await Promise.all(this.#atWork.map((each) => each.kill()))
    await Promise.all(this.#spare)
  }

  /** @throws Error if nobody renews any more */
  async #news(): Promise<void> {
    const waiting = new AbortController()
    const late = delay(10_000, 'late', { signal: waiting.signal }).catch(() => 'ended')
    if ((await Promise.race([this.watch.news(), late])) === 'late') {
      throw new Error(`Nobody renews any more: ${JSON.stringify(this.failures.slice(-5))}`)
    }
    waiting.abort()
  }

  /** Every other one of another runtime: they share the file all the same. */
  #startSpare(): Promise<CliProcess> {
    this.#started += 1
    return this.#scene.startOne({}, this.#started % 2 === 0 ? ANOTHER_RUNTIME : process.execPath)
  }

  /** In the middle of whatever it does; another takes its place. */
  async #killOne(): Promise<void> {
    await delay(this.#random() * LONGEST_LIFE_MS)
    const index = Math.floor(this.#random() * AT_WORK)
    const victim = this.#atWork[index]!
    this.killed.add(victim.pid)
    await victim.kill()
    const next = await this.#spare.shift()!
    this.#spare.push(this.#startSpare())
    this.#atWork[index] = next
    void next.ask('work')
  }

  /** Once the end that the server made has reached the file. */
  async #logInIfEnded(): Promise<void> {
    if (this.watch.refusals === this.#refusalsSeen) return
    await expect.poll(async () => (await this.#scene.stored())?.tokens, POLLING).toBeNull()
    this.#refusalsSeen = this.watch.refusals
    this.logins += 1
    await this.#scene.logIn()
  }
}

const POLLING = { interval: 5, timeout: 20_000 }

async function begin(scene: Scene): Promise<Crowd> {
  await scene.logIn()
  return new Crowd(scene, await scene.start(AT_WORK))
}

/**
 * What holds whatever is killed; a file that is torn, or gone, has failed before. Of those who were
 * killed nothing is asked: a request may arrive when its sender is long dead.
 */
function expectSound({ watch, killed }: Crowd): void {
  const isAlive = (pid: number) => !killed.has(pid)
  const strange = watch.uses.filter(
    ({ pid, refreshToken, stored }) =>
      isAlive(pid) && stored?.tokens?.refreshToken !== refreshToken,
  )
  expect(strange).toEqual([]) // nobody spends what is not stored
  const spentTwice = watch.reused.filter((pids) => pids.filter(isAlive).length > 1)
  expect(spentTwice).toEqual([]) // nor what another has spent, unless that one could not save
}

async function expectSession({ server, startOne }: Scene): Promise<void> {
  const before = server.stats.reuse
  const { value } = await (await startOne()).ask('token')
  // The last kill of all may have lost a response, and then nobody can know what became of it.
  if (server.stats.reuse === before) expect(server.isValid(value as string)).toBe(true)
}

/**
 * Where two in a row were killed with the same refresh token on its way, nobody knows what became of
 * it, and all who share the store wait a second before it is sent again (law 2).
 */
const TRY_LATER = 'ERR_REFRESH_UNAVAILABLE'

const ENOUGH_MS = 240_000 // for a machine that has other things to do; it takes a tenth of that

// aws-cli#10628: rewritten in place, without a lock
describe(`random kills with ${AT_WORK - 1} other processes at work (seed ${SEED})`, () => {
  describe('at a server that never takes a refresh token twice', () => {
    const scene = useScene()

    it(
      `${KILLS}: the session ends only where a token was spent and its answer not saved`,
      async () => {
        const crowd = await begin(scene)
        await crowd.endure(KILLS)
        expectSound(crowd)
        const codes = crowd.failures
          .map(({ code }) => code)
          .filter((code) => code !== 'ERR_LOGIN_REQUIRED')
        expect(codes.filter((code) => code !== TRY_LATER)).toEqual([])
        expect(crowd.logins).toBe(scene.server.stats.reuse)
        await expectSession(scene)
      },
      ENOUGH_MS,
    )
  })

  describe('at a server with a grace for reuse', () => {
    const scene = useScene({ reuseGraceMs: 600_000 })

    it(
      `${KILLS / 2}: the session survives them all`,
      async () => {
        const crowd = await begin(scene)
        await crowd.endure(KILLS / 2)
        expectSound(crowd)
        expect(crowd.failures.filter(({ code }) => code !== TRY_LATER)).toEqual([])
        expect(crowd.logins).toBe(0)
        await expectSession(scene)
      },
      ENOUGH_MS,
    )
  })
})
