import type { Lease, TokenStore } from '../../stores/token-store.js'
import {
  assert,
  assertSame,
  aWhile,
  loaded,
  saved,
  soon,
  type Check,
  type Stores,
} from './check.js'
import { signedIn } from './records.js'

type Exclusive = NonNullable<TokenStore['exclusive']>

/** What `exclusive` promises, if there is one. @internal */
export const leasingChecks: readonly Check[] = [
  {
    promise: 'has exclusive(), or says that it is for a single process',
    run: async (stores) => {
      const store = await stores()
      assert(
        typeof store.exclusive === 'function' || store.singleProcess === true,
        'a store without exclusive() must say `singleProcess: true`',
      )
    },
  },
  leased('gives back what the task of exclusive() did', async (one) => {
    assert(
      (await enter(one, async () => 42)) === 42,
      "exclusive() must resolve to its task's value",
    )
    const mine = new Error('of the task')
    const thrown: unknown = await enter(one, () => Promise.reject(mine)).catch((e: unknown) => e)
    assert(thrown === mine, "exclusive() must reject with its task's own error")
  }),
  leased('holds the lease in its task, and not after', async (one) => {
    let lease: Lease | undefined
    await enter(one, async (given) => {
      lease = given
      assert(given.isHeld(), 'isHeld() must be true in the task')
      await aWhile()
      assert(given.isHeld(), 'isHeld() must be true as long as the task runs')
    })
    assert(lease?.isHeld() === false, 'isHeld() must be false when the lease was given back')
  }),
  leased('lets nobody in while another has the lease', async (one, other) => {
    for (const waiter of [other, one]) {
      let second: Follower | undefined
      await beside(one, async () => {
        second = follow(waiter)
        await aWhile()
        assert(!second.isIn, 'exclusive() let a second one in')
      })
      await comesIn(second!)
    }
  }),
  leased('lets many in, one after the other', async (one, other) => {
    let inside = 0
    let most = 0
    const task = async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setTimeout(resolve, 1))
      inside -= 1
    }
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => soon('exclusive()', (i % 2 ? one : other)(task))),
    )
    assert(most === 1, `exclusive() of 12 tasks: ${most} at once`)
  }),
  leased('gives the lease back when the task throws', async (one, other) => {
    await enter(one, () => Promise.reject(new Error('of the task'))).catch(() => undefined)
    await enter(one, async () => undefined)
    await enter(other, async () => undefined)
  }),
  leased('keeps the lease for a task that takes its time', async (one, other) => {
    let inside = 0
    const task = async () => {
      assert(++inside === 1, 'exclusive() let one in before the one before was done')
      await aWhile()
      inside -= 1
    }
    await soon('exclusive()', Promise.all([one(task), other(task), one(task), other(task)]))
  }),
  leased("does not free another's lease by giving up", async (one, other, third) => {
    let next: Follower | undefined
    await beside(one, async () => {
      const patience = new AbortController()
      const impatient = follow(other, patience.signal)
      await aWhile()
      patience.abort()
      next = follow(third)
      await aWhile()
      assert(!impatient.isIn && !next.isIn, 'exclusive() let one in after another had given up')
    })
    await comesIn(next!)
  }),
  {
    promise: 'saves and loads while another has the lease, which is for refreshes alone',
    run: async (stores) => {
      const [one, other] = [await stores(), await stores()]
      if (!one.exclusive) return
      let next: Follower | undefined
      await beside(exclusiveOf(one), async () => {
        assert(await saved(other, signedIn(7), undefined), 'save() refused beside a lease')
        assertSame(await loaded(other), signedIn(7), 'beside a lease')
        next = follow(exclusiveOf(other))
        await aWhile()
        assert(!next.isIn, 'exclusive() let one in after a save()')
      })
      await comesIn(next!)
      await enter(exclusiveOf(one), async () => {
        assert(await saved(one, signedIn(8), 7), 'save() refused to who has the lease')
      })
    },
  },
]

function leased(
  promise: string,
  run: (one: Exclusive, other: Exclusive, third: Exclusive) => Promise<void>,
): Check {
  return {
    promise,
    run: async (stores: Stores) => {
      const [one, other, third] = [await stores(), await stores(), await stores()]
      if (!one.exclusive) return // it said so: see the first check
      await run(exclusiveOf(one), exclusiveOf(other), exclusiveOf(third))
    },
  }
}

function exclusiveOf(store: TokenStore): Exclusive {
  return (task, options) => store.exclusive!(task, options)
}

function enter<T>(exclusive: Exclusive, task: (lease: Lease) => Promise<T>): Promise<T> {
  return soon('exclusive()', exclusive(task))
}

/** Does something while the lease is held. */
async function beside(exclusive: Exclusive, act: () => Promise<void>): Promise<void> {
  let leave!: () => void
  let enter!: () => void
  const left = new Promise<void>((resolve) => (leave = resolve))
  const entered = new Promise<void>((resolve) => (enter = resolve))
  const done = exclusive(async () => {
    enter()
    await left
  })
  try {
    await soon('exclusive()', Promise.race([entered, done]))
    await act()
  } finally {
    leave()
  }
  await soon('exclusive() to give the lease back', done)
}

interface Follower {
  readonly isIn: boolean
  readonly done: Promise<void>
}

/** Waits for the lease, and tells when it is in. */
function follow(exclusive: Exclusive, signal?: AbortSignal): Follower {
  const follower = { isIn: false, done: Promise.resolve() }
  const task = async () => {
    follower.isIn = true
  }
  follower.done = exclusive(task, { signal })
  follower.done.catch(() => undefined) // looked at by who cares
  return follower
}

async function comesIn(follower: Follower): Promise<void> {
  await soon('exclusive() after the lease was given back', follower.done)
  assert(follower.isIn, 'exclusive() settled without running its task')
}
