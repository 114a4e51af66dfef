import type { Fault } from './fault.js'

/** Faults that this project once had, put back. */
export const KNOWN_FAULTS: readonly Fault[] = [
  {
    name: 'a failed save is not tried again inside the lease',
    patches: [
      {
        find: 'return pauseMs < this.#remainingMs ? pauseMs : undefined',
        replace: 'return pauseMs < 0 ? pauseMs : undefined',
      },
    ],
  },
  {
    name: 'invalid_grant for one resource ends the session',
    patches: [
      {
        find: 'if (!core.needsRefreshToken || access !== core.own) return false',
        replace: 'if (!core.needsRefreshToken) return false',
      },
    ],
  },
  {
    name: "a loser's invalid_grant ends the session without another look",
    patches: [
      {
        find: "if (comparison !== 'same' && comparison !== 'ours') return false",
        replace: '',
      },
    ],
  },
  {
    name: 'an end outranks the tokens that came from the refused refresh token',
    patches: [
      {
        find: 'if (refused === undefined || !record.tokens) return false',
        replace: 'if (refused === undefined || record) return false',
      },
    ],
  },
  {
    name: 'what is dropped is revoked, though it is in force',
    patches: [
      {
        find: 'return isInUse ? undefined : tokens',
        replace: 'void isInUse; return tokens',
      },
    ],
  },
  {
    name: 'the refresh token in force, handed in again, is a new login',
    patches: [
      {
        find: 'if (!before || !hasRefreshToken(before, tokens)) {',
        replace: 'if (!before || tokens) {',
      },
    ],
  },
  {
    name: 'what a login took the place of is known to one process only',
    patches: [
      {
        find: 'formerSessions: formerSessionsOf(fields.sessionId, local, session),',
        replace: '',
      },
      {
        find: 'formerSessions: formerSessionsOf(record.sessionId, stored, record),',
        replace: '',
      },
    ],
  },
  {
    name: 'what a store was set back to is taken for news',
    patches: [
      {
        find: 'if (descendsFrom(record, stored)) return true',
        replace: '',
      },
    ],
  },
  {
    name: 'a version number comes again after the store was set back',
    patches: [
      {
        find: 'return latest + 1 + Math.floor(Math.random() * Math.min(LONGEST_STEP, room))',
        replace: 'void room; return latest + 1',
      },
    ],
  },
  {
    name: 'an unknown outcome is tried again and again',
    patches: [
      {
        find: 'const MOST_WITHOUT_PAUSE = 2',
        replace: 'const MOST_WITHOUT_PAUSE = 99',
      },
    ],
  },
  {
    name: 'Retry-After is known to one process only',
    patches: [
      {
        find: 'for (const coolDown of [stored?.coolDown, ',
        replace: 'for (const coolDown of [',
      },
    ],
  },
  {
    name: 'an API that always answers 401 costs a refresh each time',
    patches: [
      {
        find: 'return monotonicNow() - issuedAt <= rejectionCooldownMs',
        replace: 'return monotonicNow() < -1',
      },
    ],
  },
  {
    name: "a background refresh's cool-down binds the first caller after the expiry",
    patches: [
      {
        find: 'bindsCallers: bindsCallers || named !== undefined || boundMs > 0',
        replace: 'bindsCallers: true',
      },
    ],
  },
  {
    name: 'a late timer is taken for no response',
    patches: [
      {
        find: 'const lateMs = monotonicNow() - expectedAt',
        replace: 'const lateMs = 0 * expectedAt',
      },
    ],
  },
  {
    name: 'recheckMs is measured by the wall clock',
    patches: [
      {
        find: 'return this.core.storeReadAt + this.core.timing.recheckMs - monotonicNow()',
        replace: 'return this.core.storeReadAt + this.core.timing.recheckMs - now()',
      },
      {
        find: 'if (state.storeRead) this.storeReadAt = monotonicNow()',
        replace: 'if (state.storeRead) this.storeReadAt = Date.now()',
      },
      {
        find: 'this.core.storeReadAt = monotonicNow() // also',
        replace: 'this.core.storeReadAt = now() // also',
      },
    ],
  },
  {
    name: 'keepFresh sleeps on after the machine has woken',
    patches: [
      {
        find: 'return Math.min(Math.max(leftMs, 0), Math.max(NAP_MS, leftMs / NAPS_A_DAY), LONGEST_DELAY_MS)',
        replace: 'return Math.min(Math.max(leftMs, 0), LONGEST_DELAY_MS); void NAP_MS, NAPS_A_DAY',
      },
    ],
  },
  {
    name: 'a sign-out that could not be saved is not tried again',
    patches: [
      {
        find: 'const isToSave = state.unsaved && !unfinishedSave',
        replace: 'const isToSave = state.unsaved && !unfinishedSave && state.record?.tokens',
      },
    ],
  },
]
