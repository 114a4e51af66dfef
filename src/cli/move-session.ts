import { check, checkOptions, isFunction } from '../checks.js'
import { TokenOptionsError, TokenStoreError } from '../errors.js'
import { fileOf } from '../stores/file/file-of-store.js'
import { moveWithinFile } from '../stores/file/move-within-file.js'
import { StoreAccess } from '../stores/store-access.js'
import {
  ancestorsOf,
  formerSessionsOf,
  nextVersion,
  readSession,
  refreshTokenVersionOf,
  storedSession,
} from '../stores/stored-session.js'
import type { Lease, StoredSession, TokenStore } from '../stores/token-store.js'
import { isJwk } from '../tokens/dpop-key.js'

/** @public */
export interface MoveSessionOptions {
  /** Where the session is now. */
  from: TokenStore
  /** Where it is kept from now on: the store of your `TokenManager` after the move. */
  to: TokenStore
}

/** As long as another process's refresh may take. */
const LEASE_WAIT_MS = 30_000
/** Each is a login or logout that came in between, or a lease that was lost. */
const MOST_ROUNDS = 8

/**
 * Moves the session of one store to another, such as from a file to the keyring. Call it before the
 * program creates its manager. At no time can two stores renew the session, and at no time is it in
 * none of them: it is removed from the old store after it was read back from the new one. The next
 * call with the same stores finishes a move that was interrupted.
 *
 * If `to` already contains a session, nothing is moved.
 *
 * @returns whether a session was moved
 * @example
 * await moveSession({ from: fileStore({ app }), to: keyringStore({ service: app, account: 'default' }) })
 *
 * @throws TokenStoreError if a store fails. If `to` failed in the middle, `from` keeps the session
 * for the next call, and the user counts as logged out until then. Or if an earlier move to another
 * place was interrupted: the session may be there
 * @throws TokenOptionsError if an option is bad
 * @public
 */
export async function moveSession(options: MoveSessionOptions): Promise<boolean> {
  checkOptions('moveSession', options, { from: aStore, to: aStore })
  const { from, to } = options
  const source = new StoreAccess(from)
  const [fromFile, toFile] = [await fileOf(from), await fileOf(to)]
  const move = (lease: Lease) =>
    fromFile && fromFile.path === toFile?.path
      ? moveWithinFile(fromFile, toFile, lease)
      : moveBetween(source, to, toFile?.path ?? 'another store', lease)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const isMoved = await source.exclusive(move, LEASE_WAIT_MS)
    if (isMoved !== 'changed') return isMoved
  }
  throw new TokenStoreError('The session kept changing while it was moved', {
    operation: 'save',
  })
}

const aStore = check('a store', (value) => {
  const { load, save } = Object(value) as Partial<TokenStore>
  return isFunction(load) && isFunction(save)
})

async function moveBetween(
  source: StoreAccess,
  to: TokenStore,
  place: string,
  lease: Lease,
): Promise<boolean | 'changed'> {
  const target = new StoreAccess(to)
  const stored = await source.load()
  const moving = stored?.tokens ? underNewId(stored) : readSession(stored?.moving).session
  if (!stored || !moving) return false
  if (stored.movingTo !== undefined && stored.movingTo !== place) throw onItsWayTo(stored.movingTo)
  const there = await target.load()
  if (there?.tokens && !hasArrived(there, moving)) {
    // A login after a move that was interrupted: what was to be moved must not follow its logout.
    if (!stored.tokens) await source.save(signedOut(stored), stored.version)
    return false
  }

  const marked = stored.tokens ? successor(stored, { moving, movingTo: place }) : stored
  if (stored.tokens) {
    // While it can still be refused without any harm.
    assertKeyCanMove(moving, to)
    if ('check' in to && isFunction(to.check)) await to.check()
    // Whoever has the lease now may have sent the refresh token, and must find its record to save.
    if (!lease.isHeld()) return 'changed'
    if (!(await source.save(marked, stored.version))) return 'changed'
  }
  if (!hasArrived(there, moving) && !(await target.save(arriving(moving, there), there?.version))) {
    return 'changed'
  }
  if (!hasArrived(await target.load(), moving)) {
    throw new TokenStoreError(
      'The session was saved in its new place but could not be read back, so it was kept in the old one',
      { operation: 'load', reason: 'failed' },
    )
  }
  // Not, where a login or logout has taken its place.
  await source.save(signedOut(marked), marked.version)
  return true
}

/** It may have arrived there, so that a move to anywhere else would make two of it. */
function onItsWayTo(place: string): TokenStoreError {
  return new TokenStoreError(
    `A move of this session to ${place} was interrupted, and may have got there. Finish it first: call moveSession with the same two stores. Or log in again`,
    { operation: 'load', isTransient: false },
  )
}

/** @throws TokenOptionsError if the session's tokens are bound to a key that the store cannot keep */
function assertKeyCanMove({ tokens }: StoredSession, to: TokenStore): void {
  const { dpopKey } = tokens ?? {}
  if (!dpopKey || isJwk(dpopKey) || to.inMemory) return
  throw new TokenOptionsError(
    'moveSession: `to` keeps JSON, but the DPoP key of this session is a CryptoKeyPair, which stays in memory. Log in with the private key as a JWK',
  )
}

/** A session of its own: the old place, where this one is over, may be moved back to. */
function underNewId(stored: StoredSession): StoredSession {
  const sessionId = crypto.randomUUID()
  const refreshTokenVersion = refreshTokenVersionOf(stored)
  return storedSession({
    ...stored,
    sessionId,
    refreshTokenVersion,
    moving: undefined,
    movingTo: undefined,
  })
}

/** Also where it has been renewed, ended or replaced since. */
function hasArrived(there: StoredSession | undefined, { sessionId }: StoredSession): boolean {
  return there?.sessionId === sessionId || (there?.formerSessions?.includes(sessionId) ?? false)
}

function arriving(moving: StoredSession, there: StoredSession | undefined): StoredSession {
  const { sessionId, version } = moving
  return storedSession({
    ...moving,
    version: nextVersion(version, there?.version),
    ancestors: ancestorsOf(moving, there),
    formerSessions: formerSessionsOf(sessionId, there, moving),
  })
}

function signedOut(record: StoredSession): StoredSession {
  return successor(record, { ended: { reason: 'signed-out' } })
}

/** Without tokens of its own. */
function successor(
  { sessionId, version, formerSessions, journal, ...rest }: StoredSession,
  fields: Partial<StoredSession>,
): StoredSession {
  const ancestors = ancestorsOf({ sessionId, version, ...rest })
  const next = nextVersion(version)
  const known = { sessionId, version: next, ancestors, formerSessions, journal }
  return storedSession({ ...known, ...fields, tokens: null })
}
