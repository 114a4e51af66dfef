import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { aText, check, checkOptions } from '../checks.js'
import { TokenStoreError } from '../errors.js'
import { foreignText } from '../foreign-text.js'
import { findLeftovers } from '../stores/file/leftovers.js'
import { followLinks, readPrivate } from '../stores/file/private-file.js'
import { sessionPath, WITHOUT_PATH } from '../stores/file/session-place.js'

/** @public */
export interface ProfilesOptions {
  /** The name of the program, the same as the `app` of the store. */
  app: string
  /**
   * The environment variable that names a profile.
   *
   * @default none
   */
  variable?: string | undefined
}

/** The profile to use, and where its name comes from. @public */
export interface CurrentProfile {
  readonly name: string
  /**
   * - `argument`: the argument of `current`, for example the user's `--profile`
   * - `environment`: the environment variable `variable`
   * - `folder`: a file in the current folder, or in one above it; see `path`
   * - `switched`: the last call of `switch`
   * - `default`: none of these
   */
  readonly from: 'argument' | 'environment' | 'folder' | 'switched' | 'default'
  /** The file that contains the name, if it comes from a file. */
  readonly path?: string
}

/** @public */
export interface Profiles {
  /** The names of the profiles that have a session, or had one and were not removed. */
  list(): Promise<string[]>
  /**
   * The profile to use now. The first of these that names one is used: the argument, the environment
   * variable, the folder, `switch`.
   *
   * @throws TokenOptionsError if the argument or the variable is not a name
   * @throws TokenStoreError `damaged` if a file does not contain the name of a profile; `failed` if
   * the file belongs to another user
   */
  current(argument?: string): Promise<CurrentProfile>
  /**
   * The profile to use from now on, in all folders or in one.
   *
   * @param options.folder - the profile applies to this folder and those below it: the file
   * `.APP-profile` is written there
   * @throws TokenOptionsError if the name is not valid
   */
  switch(name: string, options?: { folder?: string }): Promise<void>
  /** Removes the files of a profile from this machine. Log out first: nothing is revoked here. */
  remove(name: string): Promise<void>
}

const OWNER = 'profiles'

/**
 * The user's profiles of a program. Each profile has a separate session, by the store's `profile`. A
 * login or logout of one profile never changes another.
 *
 * @example
 * const { name } = await profiles({ app: 'my-cli', variable: 'MY_CLI_PROFILE' }).current(argument)
 * const store = localStore({ app: 'my-cli', profile: name })
 *
 * @throws TokenOptionsError if an option is bad
 * @public
 */
export function profiles(options: ProfilesOptions): Profiles {
  const aVariable = check('the name of an environment variable', (value) =>
    /^\w+$/.test(String(value)),
  )
  checkOptions(OWNER, options, { app: aText, variable: aVariable })
  const { app, variable } = options
  const sessions = dirname(sessionPath(OWNER, { app }, WITHOUT_PATH))
  const switched = join(dirname(sessions), 'profile')
  const folderFile = `.${app}-profile`
  const assertName = (name: string) => void sessionPath(OWNER, { app, profile: name })

  /** @returns `undefined` if the file is not there */
  async function namedIn(path: string): Promise<string | undefined> {
    // In a folder above anyone may have put one: a pipe, a device, a choice that is not the user's.
    const file = await readPrivate(await followLinks(path)).catch(unlessMissing)
    if (!file) return undefined
    const name = file.text.replace(/^\uFEFF/, '').trim()
    try {
      assertName(name)
    } catch {
      throw new TokenStoreError(
        `${path} does not contain the name of a profile (${JSON.stringify(foreignText(name, 64))}): remove it, or switch to a profile`,
        { operation: 'load', reason: 'damaged' },
      )
    }
    return name
  }

  async function namedAbove(folder: string): Promise<CurrentProfile | undefined> {
    for (let here = folder; ; here = dirname(here)) {
      const path = join(here, folderFile)
      const name = await namedIn(path)
      if (name !== undefined) return { name, from: 'folder', path }
      if (here === dirname(here)) return undefined
    }
  }

  return {
    async list() {
      const files = (await readdir(sessions).catch(unlessMissing)) ?? []
      return files
        .map((file) => nameOf(app, join(sessions, file)))
        .filter((name) => name !== undefined)
        .sort()
    },

    async current(argument) {
      if (argument !== undefined) {
        assertName(argument)
        return { name: argument, from: 'argument' }
      }
      const named = variable && process.env[variable]
      if (named) {
        assertName(named)
        return { name: named, from: 'environment' }
      }
      const above = await namedAbove(process.cwd())
      if (above) return above
      const name = await namedIn(switched)
      return name === undefined
        ? { name: 'default', from: 'default' }
        : { name, from: 'switched', path: switched }
    },

    async switch(name, { folder } = {}) {
      assertName(name)
      await writeName(folder === undefined ? switched : join(resolve(folder), folderFile), name)
    },

    async remove(name) {
      await removeFiles(sessionPath(OWNER, { app, profile: name }))
      if ((await namedIn(switched)) === name) await rm(switched, { force: true })
    },
  }
}

/** @returns `undefined` for a file that is no profile's: a lock, a conflict copy of a sync tool */
function nameOf(app: string, path: string): string | undefined {
  try {
    const profile = decodeURIComponent(/^(.*)\.json$/.exec(basename(path))![1]!)
    return sessionPath(OWNER, { app, profile }) === path ? profile : undefined
  } catch {
    return undefined
  }
}

/** The session, its lock, what was damaged and kept aside, and what the killed left behind. */
async function removeFiles(path: string): Promise<void> {
  const removeLeftovers = await findLeftovers(path)
  const folder = dirname(path)
  const names = (await readdir(folder).catch(unlessMissing)) ?? []
  const own = names.filter((name) => name.startsWith(basename(path)))
  for (const name of own) {
    if (OWN_FILE.test(name.slice(basename(path).length))) await rm(join(folder, name), FORCED)
  }
  await removeLeftovers()
}

const OWN_FILE = /^(?:\.lock|\.damaged-[\w-]+)?$/
const FORCED = { force: true }

/** Whole or not at all: another process may be reading it. */
async function writeName(path: string, name: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${crypto.randomUUID()}.tmp`
  try {
    await writeFile(temporary, `${name}\n`, { flag: 'wx', mode: 0o600 })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
