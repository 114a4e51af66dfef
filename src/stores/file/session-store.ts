import { stat } from 'node:fs/promises'
import { createMutex } from '../mutex.js'
import { isNews } from '../news.js'
import type { StoredSession } from '../token-store.js'
import type { CheckableStore } from './checkable-store.js'
import { tellingFailure } from './file-failure.js'
import { acquireLease } from './file-lease.js'
import { finishedAtExit } from './finished-at-exit.js'
import { followLinks } from './private-file.js'
import { rehearseLogin } from './rehearse-login.js'
import { saveNow } from './save-now.js'
import {
  readSessionFile,
  saveSessionFile,
  type FoundInFile,
  type SessionFile,
} from './session-file.js'
import type { SessionFormat } from './session-format.js'

/**
 * A store on one file, whatever the format. A lease stands in a file of its own while the refresh
 * token is spent; a save waits for no lease and no other save.
 *
 * @internal
 */
export function sessionStore(
  path: string,
  format: SessionFormat,
  allowOthers = false,
): Required<Pick<CheckableStore, 'load' | 'save' | 'exclusive' | 'check'>> {
  const oneLease = createMutex()
  const oneSave = createMutex()
  let seen: StoredSession | undefined
  let lastFile: SessionFile | undefined
  let known: FoundInFile | undefined
  const fileNow = async (): Promise<SessionFile> => {
    return (lastFile = { path: await followLinks(path), format, allowOthers })
  }
  const load = async () => {
    known = await readSessionFile(await fileNow())
    if (known.damage) throw known.damage
    return known.session
  }

  return {
    load: () => tellingFailure('load', path, async () => (seen = await load())),

    save: (session, { ifVersion }) =>
      tellingFailure('save', path, () =>
        finishedAtExit(
          () => {
            if (lastFile) saveNow(lastFile, session, ifVersion)
          },
          async () => {
            const file = await fileNow()
            return oneSave.run(async () => {
              const saved = await saveSessionFile(file, session, ifVersion, known)
              known = saved // where it is not: whatever is there now has to be read
              return saved !== undefined
            })
          },
        ),
      ),

    check: () => tellingFailure('save', path, async () => rehearseLogin(await fileNow())),

    exclusive: (task, { signal, wakeOnChange } = {}) =>
      oneLease.run(async () => {
        const lease = await tellingFailure('exclusive', path, async () => {
          const before = seen // by whoever waits; others may read in the meantime
          const file = await followLinks(path)
          const isEnough = wakeOnChange
            ? watchFor(file, async () => isNews(await load(), before))
            : undefined
          return acquireLease(`${file}.lock`, { signal, isEnough })
        })
        if (!lease) return task({ isHeld: () => false })
        try {
          return await task(lease)
        } finally {
          await lease.release()
        }
      }),
  }
}

/** Asks again each time that the file has changed. What cannot be read is for who loads it. */
function watchFor(path: string, isNewsThere: () => Promise<boolean>): () => Promise<boolean> {
  let seen: string | undefined
  return async () => {
    const stats = await stat(path, { bigint: true }).catch(() => undefined)
    const stamp = stats ? `${stats.ino} ${stats.mtimeNs}` : 'none'
    if (stamp === seen) return false
    seen = stamp
    return isNewsThere().catch(() => true)
  }
}
