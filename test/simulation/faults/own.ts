import type { Fault } from './fault.js'

/** Faults that somebody could make tomorrow. */
export const OWN_FAULTS: readonly Fault[] = [
  {
    name: 'the lease is not looked at before the refresh token is sent',
    patches: [
      {
        find: 'if (!lease.isHeld() || tooLate) {',
        replace: 'if (tooLate) {',
      },
    ],
  },
  {
    name: 'no lease is taken at all',
    patches: [
      {
        find: '? (task, wait) => store.exclusive!(task, wait)',
        replace: '? (task) => task({ isHeld: () => true })',
      },
    ],
  },
  {
    name: 'no mark is written before the refresh token is sent',
    patches: [
      {
        find: 'if (core.store.isInMemory) return base',
        replace: 'return base',
      },
    ],
  },
  {
    name: 'a save names no version',
    patches: [
      {
        find: 'this.#store.save(session, { ifVersion }),',
        replace:
          'this.#store.load().then((now) => this.#store.save(session, { ifVersion: now?.version ?? (ifVersion && undefined) })),',
      },
    ],
  },
  {
    name: 'whatever the store holds is adopted',
    patches: [
      {
        find: "if (newest && outranks(newest, local, stored)) return 'ours'",
        replace: '',
      },
    ],
  },
  {
    name: 'tokens are revoked when they are adopted elsewhere',
    patches: [
      {
        find: 'if (!isSibling) drop(stored)',
        replace: 'drop(undefined)',
      },
    ],
  },
  {
    name: 'tokens are handed out before they are saved',
    patches: [
      {
        find: 'if (await core.store.save(record, stored?.version)) break',
        replace: 'void core.store.save(record, stored?.version).catch(() => false)\n      break',
      },
    ],
  },
  {
    name: 'a logout does not end the refresh under way',
    patches: [
      {
        find: 'refresher.supersedeAll(error)',
        replace: 'void refresher',
      },
    ],
  },
  {
    name: 'an ended session asks the server all the same',
    patches: [
      {
        find: 'if (ended && !isSuperseded()) throw ended',
        replace: 'void ended',
      },
      {
        find: 'const refusal = core.state.ended ?? (served',
        replace: 'const refusal = (served',
      },
      {
        find: 'tokens: null,\n    ancestors: ancestorsOf(record, current),',
        replace: 'tokens: record.tokens,\n    ancestors: ancestorsOf(record, current),',
      },
    ],
  },
  {
    name: 'a caller waits as long as the refresh takes',
    patches: [
      {
        find: 'withTimeout(() => untilAborted(shared, signal), deadline - monotonicNow(), tooLong)',
        replace: '(void deadline, void tooLong, void withTimeout, untilAborted(shared, signal))',
      },
    ],
  },
  {
    name: 'who finds the token due waits for its refresh',
    patches: [
      {
        find: 'if (!tokens || this.isExpired || tokens.accessToken === rejected) return false',
        replace: 'if (!tokens || this.isDue || tokens.accessToken === rejected) return false',
      },
    ],
  },
  {
    name: 'a failed refresh in the background is a rejection that nobody handles',
    patches: [
      {
        find: 'this.outcome.catch(() => undefined) // nobody waits for one in the background',
        replace: '',
      },
    ],
  },
  {
    name: 'a timer goes on after close()',
    patches: [
      {
        find: 'if (state.isClosed || own.refreshing) return Infinity',
        replace: 'if (own.refreshing) return Infinity',
      },
    ],
  },
  {
    name: 'a response that comes late is thrown away',
    patches: [
      {
        find: 'await saveTokens(core, access, base, tokens, isReplaced, (saved) =>\n    holdTokens(core, access, saved, { tokens, claims }),\n  )',
        replace: 'void [saveTokens, holdTokens, core, access, base, tokens, claims, isReplaced]',
      },
    ],
  },
  {
    name: "a request is repeated with another session's token",
    patches: [
      {
        find: "|| ended || !storeRead) return\n  throw loginRequired('session-changed')",
        replace: '|| ended || !storeRead) return',
      },
      {
        find: "if (sessionId === undefined || sessionId === supply.sessionId) return token\n    throw loginRequired('session-changed')",
        replace: 'return token; void loginRequired',
      },
      {
        find: 'core.sessionId !== undefined && core.sessionId === (sessionId ?? core.sessionId)',
        replace: 'core.sessionId !== undefined || sessionId === undefined',
      },
    ],
  },
  {
    name: 'the record gone from the store leaves the session as it is',
    patches: [
      {
        find: 'return state.canEnd ? lost(state) : { state: read, told: [] }',
        replace: 'return { state: read, told: [] }',
      },
    ],
  },
]
