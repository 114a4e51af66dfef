import { memoryStore, type Lease, type StoredSession, type TokenStore } from 'tokenward'

/** `note`: the tokens stay as they are, and what is said beside them changes (a spend mark). */
type Operation = 'load' | 'save' | 'note' | 'exclusive'

/** What one operation does, given what it would do in the ordinary way. */
export type Behaviour = (perform: () => Promise<unknown>) => Promise<unknown>

export const fails: Behaviour = () => Promise.reject(new Error('disk full'))
export const hangs: Behaviour = () => new Promise(() => undefined)
/** It is done, and nobody hears of it. */
export const landsUnheard: Behaviour = async (perform) => {
  await perform()
  return new Promise(() => undefined)
}
/** Something comes first, which may throw or hang. */
export const before =
  (step: () => unknown): Behaviour =>
  async (perform) => {
    await step()
    return perform()
  }
/** A behaviour that waits at a gate: `arrived` when the operation has come, `open` lets it go on. */
export function gate(): Behaviour & { arrived: Promise<void>; open: () => void } {
  let open!: () => void
  let arrive!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  const behaviour: Behaviour = async (perform) => {
    arrive()
    await opened
    return perform()
  }
  return Object.assign(behaviour, { arrived, open })
}

/** A memory store that the test sees into, writes to as another process would, and makes fail. */
export class ScriptedStore implements TokenStore {
  /** Every record that was written, the first one included. */
  readonly history: StoredSession[] = []
  /** The operations in the order in which they began. */
  readonly calls: Operation[] = []
  lease: Lease = { isHeld: () => true }
  #stored: StoredSession | undefined
  readonly #lock = memoryStore()
  readonly #script: Record<Operation, Behaviour[]> = {
    load: [],
    save: [],
    note: [],
    exclusive: [],
  }
  readonly #always: Partial<Record<Operation, Behaviour>> = {}

  constructor(initial?: StoredSession) {
    if (initial) this.put(initial)
  }

  get record(): StoredSession | undefined {
    return this.#stored
  }

  /** How often it was asked for this, notes left out. */
  count(operation: Operation): number {
    return this.calls.filter((call) => call === operation).length
  }

  get storedToken(): string | undefined {
    return this.#stored?.tokens?.accessToken
  }

  /** Whether this access token was ever in the store. */
  everHeld(accessToken: string): boolean {
    return this.history.some(({ tokens }) => tokens?.accessToken === accessToken)
  }

  /** Somebody else writes, whatever is there: a restored backup, another implementation. */
  put(record: StoredSession | undefined): void {
    this.#stored = record
    if (record) this.history.push(record)
  }

  /** What befalls the next operations of this kind. */
  next(operation: Operation, ...behaviours: Behaviour[]): void {
    this.#script[operation].push(...behaviours)
  }

  /** What befalls all others of this kind; without a behaviour, nothing any more. */
  always(operation: Operation, behaviour?: Behaviour): void {
    if (behaviour) this.#always[operation] = behaviour
    else delete this.#always[operation]
  }

  load(): Promise<StoredSession | undefined> {
    return this.#run('load', () => Promise.resolve(this.#stored))
  }

  save(session: StoredSession, { ifVersion }: { ifVersion: number | undefined }): Promise<boolean> {
    const record = JSON.parse(JSON.stringify(session)) as StoredSession
    return this.#run(isNote(this.#stored, session) ? 'note' : 'save', () => {
      if (this.#stored?.version !== ifVersion) return Promise.resolve(false)
      if (isNote(this.#stored, record)) this.#stored = record
      else this.put(record)
      return Promise.resolve(true)
    })
  }

  exclusive<T>(task: (lease: Lease) => Promise<T>): Promise<T> {
    return this.#run('exclusive', () => this.#lock.exclusive!(() => task(this.lease)))
  }

  #run<T>(operation: Operation, perform: () => Promise<T>): Promise<T> {
    this.calls.push(operation)
    const behaviour = this.#script[operation].shift() ?? this.#always[operation]
    return behaviour ? (behaviour(perform) as Promise<T>) : perform()
  }
}

/** Whether only what is said beside the tokens is new. */
function isNote(stored: StoredSession | undefined, session: StoredSession): boolean {
  const isSame = JSON.stringify(stored?.tokens) === JSON.stringify(session.tokens)
  return isSame && session.tokens !== null && stored?.sessionId === session.sessionId
}
