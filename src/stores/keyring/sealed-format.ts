import { randomBytes } from 'node:crypto'
import { isTokenError, TokenStoreError } from '../../errors.js'
import type { SessionFormat } from '../file/session-format.js'
import { createSealing, type Sealing } from '../sealing/sealing.js'
import type { StoredSession } from '../token-store.js'
import { askKeyring, type KeyringEntry } from './keyring-process.js'

/**
 * Sealed with a key that is in the keyring. So no platform's limit matters (Windows: 2,560 bytes),
 * and what is in the keyring never changes with a refresh. The key is asked for once a process: a
 * keyring that is locked with the screen stops no refresh.
 *
 * @internal
 */
export function sealedFormat(entry: KeyringEntry): SessionFormat {
  const boundTo = JSON.stringify([entry.service, entry.account])
  let known: Sealing | undefined

  /** The key that opened what is there seals what replaces it. */
  const opensWithKnown = (sealed: unknown): boolean => {
    try {
      known?.open(sealed, boundTo)
      return known !== undefined
    } catch {
      return false
    }
  }

  return {
    async decode({ sealed }) {
      if (typeof sealed !== 'string') return undefined
      if (!opensWithKnown(sealed)) {
        const key = await askKeyring(entry, { act: 'get' }, 'load')
        if (key === undefined) throw keyIsGone(entry)
        known = sealingOf(key)
      }
      return known!.open(sealed, boundTo)
    },

    async encode(session: StoredSession, replaced) {
      if (!opensWithKnown(replaced?.sealed)) {
        const candidate = randomBytes(32).toString('base64url')
        const key = await askKeyring(entry, { act: 'obtain', candidate }, 'save')
        if (key === undefined) {
          throw new TokenStoreError('The keyring did not keep the key', { operation: 'save' })
        }
        known = sealingOf(key)
      }
      return { sealed: known!.seal(session, boundTo) }
    },
  }
}

function sealingOf(key: string): Sealing {
  try {
    return createSealing('keyringStore', key)
  } catch (error) {
    if (!isTokenError(error)) throw error
    throw undecryptable('what the keyring holds is no key of ours')
  }
}

function keyIsGone({ service, account }: KeyringEntry): TokenStoreError {
  return undecryptable(`its key (${service}, ${account}) is no longer in the keyring`)
}

function undecryptable(why: string): TokenStoreError {
  return new TokenStoreError(
    `The session cannot be decrypted: ${why}. The next login or logout replaces it, and keeps what is there beside it`,
    { operation: 'load', reason: 'undecryptable' },
  )
}
