import { aFunction, checkOptions } from '../../checks.js'
import { hideFromInspect } from '../../inspect.js'
import { aKeep, keepInMemory, type Keep } from '../file/keep.js'
import { readSessionFile } from '../file/session-file.js'
import { PLAIN } from '../file/session-format.js'
import { aName, sessionPath } from '../file/session-place.js'
import { sessionStore } from '../file/session-store.js'
import { aTimeout, KEYRING_TIMEOUT_MS } from '../keyring/keyring-options.js'
import { sealedFormat } from '../keyring/sealed-format.js'
import type { TokenStore } from '../token-store.js'
import { kindOf, localFormat, type LocalChoice, type LocalKind } from './local-format.js'

/** @public */
export interface LocalStoreOptions {
  /** The name of the program, for the folder of its state and for the keyring. */
  app: string
  /**
   * Which of the user's sessions: a name, not a path.
   *
   * @default 'default'
   */
  profile?: string
  /** How long the keyring is waited for, in milliseconds. See `keyringStore`. @default 3000 */
  timeoutMs?: number
  /** See `fileStore`. @default 'all' */
  keep?: Keep
  /** Told when a profile's first session was saved: say it to the user. */
  onChoice?: (choice: LocalChoice) => void
}

/** @public */
export interface LocalStore extends TokenStore {
  /**
   * Where the session is, or `undefined` if nobody has chosen yet.
   *
   * @throws TokenStoreError if the file cannot be read
   */
  kind(): Promise<LocalKind | undefined>
}

/**
 * The keyring, else a file: what a CLI wants that runs on desktops, over SSH and in containers. It
 * is chosen at a profile's first login and kept with the session, so that the answer does not change
 * with where the program is started; a keyring that cannot be reached later is an error that says
 * how to get out. The choice ends with the file.
 *
 * @throws TokenOptionsError if an option is not what it must be
 * @public
 */
export function localStore(options: LocalStoreOptions): LocalStore {
  checkOptions('localStore', options, OPTIONS)
  const { app, profile = 'default', timeoutMs = KEYRING_TIMEOUT_MS, keep = 'all' } = options
  const { onChoice } = options
  const path = sessionPath('localStore', { app, profile })
  const sealed = sealedFormat({ service: app, account: profile, timeoutMs })
  let chosen: LocalChoice | undefined
  const format = localFormat(path, sealed, (choice) => (chosen = choice))
  const store = keepInMemory(sessionStore(path, format), keep)

  const local: LocalStore = {
    ...store,
    async save(session, condition) {
      const isSaved = await store.save(session, condition)
      if (isSaved && chosen) tell(onChoice, chosen)
      chosen = undefined
      return isSaved
    },
    async kind() {
      const { content } = await readSessionFile({ path, format: PLAIN, allowOthers: false })
      return kindOf(content)
    },
  }
  return hideFromInspect(local, () => `TokenStore { keyring or file ${path} }`)
}

const OPTIONS = {
  app: aName,
  profile: aName,
  timeoutMs: aTimeout,
  keep: aKeep,
  onChoice: aFunction,
}

/** A listener that throws or rejects must not make a save fail that has succeeded. */
function tell(onChoice: LocalStoreOptions['onChoice'], choice: LocalChoice): void {
  try {
    Promise.resolve(onChoice?.(choice)).catch(() => undefined)
  } catch {
    // its own affair
  }
}
