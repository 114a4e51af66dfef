import type { StoredSession, TokenStore } from '../../stores/token-store.js'
import { assert, assertSame, canonical, loaded, saved, type Check } from './check.js'
import { rich, signedIn, signedOut } from './records.js'

/** What `load` and `save` promise. @internal */
export const savingChecks: readonly Check[] = [
  {
    promise: 'holds nothing at first',
    run: async (stores) => assertSame(await loaded(await stores()), undefined, 'of a new backend'),
  },
  {
    promise: 'gives back exactly what was saved, fields it does not know included',
    run: async (stores) => {
      const [one, other] = [await stores(), await stores()]
      assert(await saved(one, rich(7), undefined), 'save() over nothing must resolve to true')
      assertSame(await loaded(one), rich(7), 'after save()')
      assertSame(await loaded(other), rich(7), 'by another store on the same backend')
    },
  },
  {
    promise: 'saves over the version that is named',
    run: async (stores) => {
      const [one, other] = [await stores(), await stores()]
      await saved(one, signedIn(7), undefined)
      assert(
        await saved(other, signedIn(8), 7),
        'save() must resolve to true if it holds ifVersion',
      )
      assertSame(await loaded(one), signedIn(8), 'after another store saved')
    },
  },
  {
    promise: 'saves a version over itself',
    run: async (stores) => {
      const store = await stores()
      await saved(store, signedIn(7), undefined)
      assert(await saved(store, signedIn(7), 7), 'save() of the version that is stored, refused')
      assertSame(await loaded(store), signedIn(7), 'after it was saved again')
    },
  },
  ...[6, 8, undefined].map((ifVersion) => ({
    promise: `refuses, and changes nothing, where it holds 7 and ${ifVersion} is named`,
    run: refusing(signedIn(7), ifVersion),
  })),
  {
    promise: 'refuses, and changes nothing, where it holds nothing and a version is named',
    run: refusing(undefined, 7),
  },
  {
    promise: 'keeps a sign-out as a record, which is not nothing',
    run: async (stores) => {
      const store = await stores()
      await saved(store, signedIn(7), undefined)
      assert(await saved(store, signedOut(8), 7), 'save() of a sign-out must resolve to true')
      assertSame(await loaded(store), signedOut(8), 'after a sign-out')
      const isSeeded = await saved(store, signedIn(1), undefined)
      assert(!isSeeded, 'save() over a sign-out as if nothing were stored must resolve to false')
      assert(await saved(store, signedIn(9), 8), 'save() over a sign-out by its version, refused')
    },
  },
  {
    promise: 'lets one of 50 saves win that name the same version at once',
    run: async (stores) => {
      const both = [await stores(), await stores()]
      for (let round = 0; round < 4; round++) {
        const before = round === 0 ? undefined : 6 + round
        const records = Array.from({ length: 50 }, (_, i) => signedIn(7 + round, `racer${i}`))
        const won = await Promise.all(
          records.map((record, i) => saved(both[i % 2]!, record, before)),
        )
        const winners = records.filter((_, i) => won[i])
        assert(winners.length === 1, `of 50 saves at once 1 must win, ${winners.length} did`)
        assertSame(await loaded(both[round % 2]!), winners[0], 'after 50 saves at once')
      }
    },
  },
  {
    promise: 'loses no change of many writers',
    run: async (stores) => {
      const first = await stores()
      await saved(first, signedIn(1), undefined)
      const writers = [first, await stores(), await stores(), await stores()]
      await Promise.all(writers.map((store) => change(store, 8)))
      const end = await loaded(first)
      assert(end?.version === 33, `4 writers of 8 changes each: version 33 wanted, ${end?.version}`)
    },
  },
  {
    promise: 'never shows half a record, nor none, while another is written',
    run: async (stores) => {
      const [writer, reader] = [await stores(), await stores()]
      const records = Array.from({ length: 30 }, (_, i) => signedIn(i, 'w', i % 2 ? 60 : 40_000))
      const known = new Set(records.map(canonical))
      await saved(writer, records[0]!, undefined)
      let isWriting = true
      const reading = (async () => {
        while (isWriting) {
          const seen = canonical(await loaded(reader))
          assert(known.has(seen), 'load() while another saves: a record that nobody saved')
          await new Promise((resolve) => setTimeout(resolve))
        }
      })()
      try {
        for (const record of records.slice(1)) {
          await Promise.race([saved(writer, record, record.version - 1), reading])
        }
      } finally {
        isWriting = false
      }
      await reading
    },
  },
]

function refusing(held: StoredSession | undefined, ifVersion: number | undefined): Check['run'] {
  return async (stores) => {
    const store = await stores()
    if (held) await saved(store, held, undefined)
    const isSaved = await saved(store, signedIn(9, 'intruder'), ifVersion)
    assert(!isSaved, 'save() must resolve to false if it does not hold ifVersion')
    assertSame(await loaded(store), held, 'after a refused save()')
  }
}

/** As a careful user of the store does it: again, until nobody was faster. */
async function change(store: TokenStore, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const { version } = (await loaded(store))!
    if (await saved(store, signedIn(version + 1), version)) done += 1
  }
}
