import { memoryStore, type StoredSession, type TokenStore } from 'tokenward'
import type { MakeStore } from 'tokenward/testing'

/** What all stores of one backend share. */
interface Backend {
  record: StoredSession | undefined
  isLocked: boolean
}

const pause = (durationMs = 0) => new Promise((resolve) => setTimeout(resolve, durationMs))

/** Sound, but for what is broken in it. */
function broken(breakIt: (backend: Backend, sound: Required<Core>) => Partial<Core>): MakeStore {
  const backends = new Map<string, Backend>()
  return (name) => {
    const backend = backends.get(name) ?? { record: undefined, isLocked: false }
    backends.set(name, backend)
    const sound = soundStore(backend)
    return { ...sound, ...breakIt(backend, sound) }
  }
}

type Core = Pick<TokenStore, 'load' | 'save' | 'exclusive'>

function soundStore(backend: Backend): Required<Core> {
  return {
    load: async () => backend.record,
    save: async (session, { ifVersion }) => {
      if (backend.record?.version !== ifVersion) return false
      backend.record = session
      return true
    },
    exclusive: async (task, { signal } = {}) => {
      await locked(backend, signal)
      let isHeld = true
      try {
        return await task({ isHeld: () => isHeld })
      } finally {
        isHeld = false
        backend.isLocked = false
      }
    },
  }
}

async function locked(backend: Backend, signal: AbortSignal | undefined): Promise<void> {
  while (backend.isLocked) {
    if (signal?.aborted) throw new Error('given up')
    await pause(1)
  }
  backend.isLocked = true
}

/** With nothing broken: what is caught in the others is what was broken. */
export const sound = broken(() => ({}))

/** Looks, then writes, and awaits in between. */
export const losesUpdates = broken((backend) => ({
  save: async (session, { ifVersion }) => {
    const { record } = backend
    await pause()
    if (record?.version !== ifVersion) return false
    backend.record = session
    return true
  },
}))

export const ignoresIfVersion = broken((backend) => ({
  save: async (session) => {
    backend.record = session
    return true
  },
}))

/** Writes the version first and the tokens a moment later, as an in-place writer does. */
export const tears = broken((backend, { save }) => ({
  save: async (session, condition) => {
    const before = backend.record
    if (!(await save({ ...session, tokens: before?.tokens ?? null }, condition))) return false
    await pause()
    if (backend.record?.version === session.version) backend.record = session
    return true
  },
}))

/** Each store has a lock of its own. */
export const lockIsNotExclusive = broken(() => {
  const own = memoryStore()
  return { exclusive: (task) => own.exclusive!(task) }
})

export const lockIsNeverFreed = broken((backend) => ({
  exclusive: async (task, { signal } = {}) => {
    await locked(backend, signal)
    return task({ isHeld: () => true })
  },
}))

/** Whoever leaves takes the lock away, also who never had it. */
export const lockIsFreedByAnother = broken((backend) => ({
  exclusive: async (task, { signal } = {}) => {
    let isHeld = false
    try {
      await locked(backend, signal)
      isHeld = true
      return await task({ isHeld: () => isHeld })
    } finally {
      isHeld = false
      backend.isLocked = false
    }
  },
}))
