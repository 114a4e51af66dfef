import { aFunction, check, checkOptions, isFunction } from '../../checks.js'
import type { TokenStoreError } from '../../errors.js'
import { hideFromInspect } from '../../inspect.js'
import type { CheckableStore } from '../file/checkable-store.js'
import { onFile } from '../file/file-of-store.js'
import { aKeep, keepInMemory, type Keep } from '../file/keep.js'
import { readSessionFile } from '../file/session-file.js'
import { PLAIN } from '../file/session-format.js'
import { aName, sessionPath, WITHOUT_PATH } from '../file/session-place.js'
import { sessionStore } from '../file/session-store.js'
import { aTimeout, KEYRING_TIMEOUT_MS } from '../keyring/keyring-options.js'
import { sealedFormat } from '../keyring/sealed-format.js'
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
  profile?: string | undefined
  /** How long the keyring is waited for, in milliseconds. See `keyringStore`. @default 3000 */
  timeoutMs?: number | undefined
  /** See `fileStore`. @default 'all' */
  keep?: Keep | undefined
  /** Told when a profile's first session was saved: say it to the user. */
  onChoice?: ((choice: LocalChoice) => void) | undefined
  /**
   * Whether a login may keep the session in a file, in clear, where the keyring is locked or does
   * not respond. A function is called with the reason, so that it may ask the user; what it returns
   * counts for this store from then on.
   *
   * @default false: the login is refused, with a `TokenStoreError` of reason `locked`
   */
  useFileIfLocked?: boolean | ((reason: TokenStoreError) => boolean | Promise<boolean>) | undefined
}

/** @public */
export interface LocalStore extends CheckableStore {
  /**
   * Where the session is, or `undefined` if nobody has chosen yet.
   *
   * @throws TokenStoreError if the file cannot be read
   */
  kind(): Promise<LocalKind | undefined>
}

/**
 * The keyring, else a file: what a CLI wants that runs on desktops, over SSH and in containers. It
 * is chosen at a profile's first login and kept with the session, so that the choice does not change
 * with where the program is started. A keyring that cannot be reached later is an error of reason
 * `undecryptable` that says how to get out: a logout needs no keyring, and ends the choice.
 *
 * @throws TokenOptionsError if an option is not what it must be
 * @public
 */
export function localStore(options: LocalStoreOptions): LocalStore {
  checkOptions('localStore', options, OPTIONS)
  const { app, profile = 'default', timeoutMs = KEYRING_TIMEOUT_MS, keep = 'all' } = options
  const { onChoice, useFileIfLocked = false } = options
  const path = sessionPath('localStore', { app, profile }, WITHOUT_PATH)
  const sealed = sealedFormat({ service: app, account: profile.normalize(), timeoutMs })
  let chosen: LocalChoice | undefined
  const format = localFormat(path, sealed, {
    onChoice: (choice) => (chosen = choice),
    mayUseFile: askedOnce(useFileIfLocked),
  })
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
  const hidden = hideFromInspect(local, () => `TokenStore { keyring or file ${path} }`)
  return onFile(hidden, { path, format, allowOthers: false })
}

const OPTIONS = {
  app: aName,
  profile: aName,
  timeoutMs: aTimeout,
  keep: aKeep,
  onChoice: aFunction,
  useFileIfLocked: check(
    'true, false or a function',
    (value) => typeof value === 'boolean' || isFunction(value),
  ),
}

/** The check before a login and its save are one question to the user. */
function askedOnce(
  useFile: NonNullable<LocalStoreOptions['useFileIfLocked']>,
): (reason: TokenStoreError) => boolean | Promise<boolean> {
  if (typeof useFile === 'boolean') return () => useFile
  let answer: Promise<boolean> | undefined
  return (reason) => (answer ??= Promise.resolve(useFile(reason)))
}

/** A listener that throws or rejects must not make a save fail that has succeeded. */
function tell(onChoice: LocalStoreOptions['onChoice'], choice: LocalChoice): void {
  try {
    Promise.resolve(onChoice?.(choice)).catch(() => undefined)
  } catch {
    // its own affair
  }
}
