import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, TokenManager, type TokenStore } from 'tokenward'
import { fileStore, moveSession } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newWriteName } from '../../../src/stores/file/process-name.js'
import { rejectionOf } from './support.js'

let folder: string
let from: TokenStore
let to: TokenStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-move-'))
  from = fileStore({ path: join(folder, 'old.json') })
  to = fileStore({ path: join(folder, 'new/session.json'), encryption: { key: 'k'.repeat(43) } })
})
afterEach(() => rm(folder, { recursive: true }))

const LOGIN = { access_token: 'AT', refresh_token: 'RT', expires_in: 3_600 }

async function logIn(store: TokenStore, tokens = LOGIN): Promise<void> {
  const manager = managerOf(store)
  await manager.setTokens(tokens)
  await manager.close()
}

function managerOf(store: TokenStore): TokenManager {
  return new TokenManager({
    store,
    refresh: async ({ refreshToken }) => ({
      access_token: `by ${refreshToken}`,
      refresh_token: `${refreshToken}+`,
      expires_in: 3_600,
    }),
  })
}

/** The refresh token that a program with this store would spend. */
async function spendable(store: TokenStore): Promise<string | undefined> {
  return (await store.load())?.tokens?.refreshToken
}

/** Fails like a killed process at the given step, which is done or not done by then. */
function dying(store: TokenStore, step: number, isDone: boolean, steps: { count: number }) {
  const mortal =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      steps.count += 1
      const isHere = steps.count === step
      if (isHere && !isDone) throw new Error('killed')
      const result = await act(...args)
      if (isHere) throw new Error('killed')
      return result
    }
  const mortalStore: TokenStore = {
    load: mortal(() => store.load()),
    save: mortal((...args: Parameters<TokenStore['save']>) => store.save(...args)),
    exclusive: (task, wait) => store.exclusive!(task, wait),
  }
  return mortalStore
}

describe('a session that is moved', () => {
  it('is renewed from its new place, and signed out in the old one', async () => {
    await logIn(from)
    expect(await moveSession({ from, to })).toBe(true)
    expect(await readFile(join(folder, 'old.json'), 'utf8')).not.toMatch(/"AT"|"RT"/)
    const moved = managerOf(to)
    expect(await moved.getAccessToken()).toBe('AT')
    expect(await moved.refresh()).toBe('by RT')
    const left = managerOf(from)
    expect(await rejectionOf(left.getAccessToken())).toMatchObject({ reason: 'signed-out' })
    await Promise.all([moved.close(), left.close()])
  })

  it('may be moved back, as often as one likes', async () => {
    await logIn(from)
    for (let turn = 0; turn < 3; turn++) {
      expect(await moveSession({ from, to })).toBe(true)
      expect(await spendable(from)).toBeUndefined()
      expect(await moveSession({ from, to })).toBe(false)
      expect(await moveSession({ from: to, to: from })).toBe(true)
      expect(await spendable(from)).toBe('RT')
      expect(await spendable(to)).toBeUndefined()
    }
  })

  it('takes the place of a sign-out that a running manager has seen', async () => {
    await logIn(to, { ...LOGIN, refresh_token: 'RT0' })
    const running = managerOf(to)
    await running.signOut()
    await logIn(from)
    await moveSession({ from, to })
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() + 60_000 })
    expect(await running.getAccessToken().finally(() => vi.useRealTimers())).toBe('AT')
    await running.close()
  })

  it('waits for a refresh that another process has under way', async () => {
    await logIn(from)
    const seen: string[] = []
    let finish = (): void => undefined
    const refresh = from.exclusive!(async () => {
      await new Promise<void>((resolve) => (finish = resolve))
      seen.push('refreshed')
    })
    await vi.waitFor(() => expect(finish).toHaveLength(1))
    const move = moveSession({ from, to }).then(() => seen.push('moved'))
    finish()
    await Promise.all([refresh, move])
    expect(seen).toEqual(['refreshed', 'moved'])
  })

  it.each(['two stores', 'one file'])(
    'is left to whoever has got the lease in the meantime, and may be refreshing it: %s',
    async (where) => {
      if (where === 'one file') {
        const path = join(folder, 'old.json')
        to = fileStore({ path, encryption: { key: 'k'.repeat(43) } })
      }
      await logIn(from)
      const before = await readFile(join(folder, 'old.json'), 'utf8')
      const exclusive = from.exclusive!
      const lost = vi.spyOn(from, 'exclusive').mockImplementationOnce(async (task) => {
        const result = await task({ isHeld: () => false })
        expect(await readFile(join(folder, 'old.json'), 'utf8')).toBe(before)
        lost.mockImplementation(exclusive)
        return result
      })
      expect(await moveSession({ from, to })).toBe(true)
      expect(lost).toHaveBeenCalledTimes(2)
      expect(await spendable(to)).toBe('RT')
    },
  )

  it('is moved once by many that begin at once', async () => {
    await logIn(from)
    const moves = await Promise.all(Array.from({ length: 6 }, () => moveSession({ from, to })))
    expect(moves.filter(Boolean)).toHaveLength(1)
    expect(await spendable(to)).toBe('RT')
  })

  it('does not leave its access token on the disk of a store that keeps none', async () => {
    from = fileStore({ path: join(folder, 'old.json'), keep: 'refresh-token' })
    await logIn(from)
    vi.spyOn(to, 'save').mockRejectedValueOnce(new Error('killed'))
    await expect(moveSession({ from, to })).rejects.toThrow('save failed')
    const text = await readFile(join(folder, 'old.json'), 'utf8')
    expect(text).toContain('RT')
    expect(text).not.toContain('"AT"')
  })
})

describe('a move that is killed', () => {
  it.each([false, true])(
    'after any step (which took effect: %s) loses nothing, has one place, and is finished by the next call',
    async (isDone) => {
      for (let step = 1; ; step++) {
        from = memoryStore()
        to = memoryStore()
        await logIn(from)
        const steps = { count: 0 }
        const killed = {
          from: dying(from, step, isDone, steps),
          to: dying(to, step, isDone, steps),
        }
        const wasKilled = await moveSession(killed).then(() => false, () => true) // prettier-ignore
        const places = [await spendable(from), await spendable(to)]
        expect(places.filter(Boolean).length, `places at step ${step}`).toBeLessThan(2)
        await moveSession({ from, to })
        expect(await spendable(to), `in the new place after step ${step}`).toBe('RT')
        expect((await from.load())?.moving).toBeUndefined()
        expect(await spendable(from)).toBeUndefined()
        if (!wasKilled) {
          expect(step).toBe(7) // six loads and saves, and none that was not tried
          break
        }
      }
    },
  )

  it('and is followed by a logout in the old place brings no session back', async () => {
    await logIn(from)
    vi.spyOn(to, 'save').mockRejectedValueOnce(new Error('killed'))
    await expect(moveSession({ from, to })).rejects.toThrow('save failed')
    const left = managerOf(from)
    await left.signOut()
    await left.close()
    expect(await moveSession({ from, to })).toBe(false)
    expect(await spendable(to)).toBeUndefined()
  })

  it('and is followed by another login in the new place brings nothing back after its logout', async () => {
    await logIn(from)
    vi.spyOn(to, 'save').mockRejectedValueOnce(new Error('killed'))
    await expect(moveSession({ from, to })).rejects.toThrow('save failed')
    await logIn(to, { ...LOGIN, refresh_token: 'RT2' })
    expect(await moveSession({ from, to })).toBe(false)
    expect(await spendable(to)).toBe('RT2')
    expect(await readFile(join(folder, 'old.json'), 'utf8')).not.toContain('"RT"')
    const moved = managerOf(to)
    await moved.signOut()
    await moved.close()
    expect(await moveSession({ from, to })).toBe(false)
    expect(await spendable(to)).toBeUndefined()
  })

  it.each<[string, (moved: TokenManager) => Promise<void>, string | undefined]>([
    ['a logout', (moved) => moved.signOut(), undefined],
    ['another login', (moved) => moved.setTokens({ ...LOGIN, refresh_token: 'RT2' }), 'RT2'],
    ['a refresh', async (moved) => void (await moved.refresh()), 'RT+'],
  ])('and is followed by %s in the new place leaves that as it is', async (_, act, expected) => {
    await logIn(from)
    let saves = 0
    const killedAtEnd = {
      ...from,
      save: (...args: Parameters<TokenStore['save']>) =>
        ++saves === 2 ? Promise.reject(new Error('killed')) : from.save(...args),
    }
    await expect(moveSession({ from: killedAtEnd, to })).rejects.toThrow()
    expect(await spendable(to)).toBe('RT')
    const moved = managerOf(to)
    await act(moved)
    await moved.close()
    await moveSession({ from, to })
    expect(await spendable(to)).toBe(expected)
    expect((await from.load())?.moving).toBeUndefined()
  })
})

/** Of the old place: the mark is there, and so is the session in its new place. */
function killAtSecondSave(store: TokenStore, error: Error): void {
  const save = store.save.bind(store)
  vi.spyOn(store, 'save').mockImplementationOnce(save).mockRejectedValueOnce(error)
}

describe('a move that is killed, and then one of the same session to a third place', () => {
  let third: TokenStore
  beforeEach(() => void (third = fileStore({ path: join(folder, 'third.json') })))

  it.each(['before it got there', 'when it had got there'])(
    '%s: is refused, and the first one can be finished',
    async (when) => {
      await logIn(from)
      const killed = new Error('killed')
      if (when === 'before it got there') vi.spyOn(to, 'save').mockRejectedValueOnce(killed)
      else killAtSecondSave(from, killed)
      await expect(moveSession({ from, to })).rejects.toThrow('save failed')

      const refused = await rejectionOf(moveSession({ from, to: third }))
      expect(refused).toMatchObject({ code: 'ERR_TOKEN_STORE', isTransient: false })
      expect((refused as Error).message).toContain(join(folder, 'new/session.json'))
      expect(await third.load()).toBeUndefined()
      await expect(moveSession({ from, to: memoryStore() })).rejects.toThrow('Finish it first')

      expect(await moveSession({ from, to })).toBe(true)
      expect(await spendable(to)).toBe('RT')
      expect((await from.load())?.movingTo).toBeUndefined()
      expect(await moveSession({ from: to, to: third })).toBe(true)
      expect(await spendable(third)).toBe('RT')
    },
  )

  it('is possible after another login in the old place', async () => {
    await logIn(from)
    vi.spyOn(to, 'save').mockRejectedValueOnce(new Error('killed'))
    await expect(moveSession({ from, to })).rejects.toThrow('save failed')
    await logIn(from, { ...LOGIN, refresh_token: 'RT2' })
    expect(await moveSession({ from, to: third })).toBe(true)
    expect(await spendable(third)).toBe('RT2')
  })
})

describe('nothing is moved', () => {
  it('where there is no session', async () => {
    expect(await moveSession({ from, to })).toBe(false)
    expect(await to.load()).toBeUndefined()
  })

  it('over another login, and that of the old place goes on', async () => {
    await logIn(from)
    await logIn(to, { ...LOGIN, refresh_token: 'RT2' })
    expect(await moveSession({ from, to })).toBe(false)
    expect(await spendable(from)).toBe('RT')
    expect(await spendable(to)).toBe('RT2')
  })

  it('where the new place cannot be written, which is found out before', async () => {
    await logIn(from)
    const check = () => Promise.reject(new Error('no room'))
    await expect(moveSession({ from, to: { ...to, check } as TokenStore })).rejects.toThrow()
    expect(await spendable(from)).toBe('RT')
  })

  it('where the new place cannot keep its DPoP key', async () => {
    from = memoryStore()
    await logIn(from)
    const { tokens, version, ...rest } = (await from.load())!
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const dpopKey = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
    const bound = {
      ...rest,
      version: version + 1,
      tokens: { ...tokens!, tokenType: 'DPoP', dpopKey },
    }
    await from.save(bound, { ifVersion: version })
    const error = await rejectionOf(moveSession({ from, to }))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
    expect(await spendable(from)).toBe('RT')
    expect(await moveSession({ from, to: memoryStore() })).toBe(true)
  })

  it('where the new place cannot be read', async () => {
    await logIn(from)
    const load = () => Promise.reject(new Error('unreadable'))
    await expect(moveSession({ from, to: { ...to, load } })).rejects.toThrow()
    expect(await spendable(from)).toBe('RT')
  })

  it('where the new place forgets what it was given: it stays in the old one', async () => {
    await logIn(from)
    vi.spyOn(to, 'load').mockResolvedValueOnce(undefined).mockResolvedValueOnce(undefined)
    vi.spyOn(to, 'save').mockResolvedValueOnce(true)
    const error = await rejectionOf(moveSession({ from, to }))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_STORE' })
    expect(await moveSession({ from, to })).toBe(true)
    expect(await spendable(to)).toBe('RT')
  })
})

describe('between two formats of one file', () => {
  const key = 'k'.repeat(43)
  let path: string
  beforeEach(() => {
    path = join(folder, 'one.json')
    from = fileStore({ path })
    to = fileStore({ path, encryption: { key } })
  })

  it('there is one place all the time, and both directions work', async () => {
    await logIn(from)
    expect(await moveSession({ from, to })).toBe(true)
    expect(await readFile(path, 'utf8')).not.toMatch(/"AT"|"RT"/)
    expect(await spendable(to)).toBe('RT')
    expect(await moveSession({ from, to })).toBe(false)
    expect(await moveSession({ from: to, to: from })).toBe(true)
    expect(await spendable(from)).toBe('RT')
  })

  it('nothing in the former format stays beside it, as a killed process may have left it', async () => {
    await logIn(from)
    const left = `${path}.${newWriteName().replace(/^\w+/, 'zzzzz')}.tmp` // nobody has that process ID
    await writeFile(left, 'RT', { mode: 0o600 })
    expect(await moveSession({ from, to })).toBe(true)
    expect(await readdir(folder)).toEqual(['one.json', 'one.json.lock'])
  })

  it('what neither can read is an error, and is left as it is', async () => {
    await logIn(to)
    const before = await readFile(path, 'utf8')
    const other = fileStore({ path, encryption: { key: 'o'.repeat(43) } })
    const error = await rejectionOf(moveSession({ from, to: other }))
    expect(error).toMatchObject({ reason: 'damaged' })
    expect(await readFile(path, 'utf8')).toBe(before)
  })
})
