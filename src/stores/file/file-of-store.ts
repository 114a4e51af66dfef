import { followLinks } from './private-file.js'
import type { SessionFile } from './session-file.js'

const files = new WeakMap<object, SessionFile>()

/**
 * Remembers on which file a store stands, so that a session can be moved between two formats of one
 * file.
 *
 * @internal
 */
export function onFile<S extends object>(store: S, file: SessionFile): S {
  files.set(store, file)
  return store
}

/** @returns `undefined` for a store that is no file of ours @internal */
export async function fileOf(store: object): Promise<SessionFile | undefined> {
  const file = files.get(store)
  return file && { ...file, path: await followLinks(file.path) }
}
