import { isAbsolute, join, resolve } from 'node:path'
import { homedir, userInfo } from 'node:os'
import { check, checkValue, describeValue } from '../../checks.js'
import { TokenOptionsError } from '../../errors.js'

/** Where a session lies: in a file that you name, or in the folder that the platform has for state. */
export type SessionPlace =
  | { path: string; app?: undefined; profile?: undefined }
  | {
      /** The name of the program, which becomes that of a folder. */
      app: string
      /**
       * Which of the user's sessions: a name, not a path. Upper and lower case are told apart.
       *
       * @default 'default'
       */
      profile?: string | undefined
      path?: undefined
    }

/** File systems take 255 bytes; the names of claims and temporary files are longer than the file's. */
const LONGEST_FILE_NAME = 160
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._@+-]{0,63}$/u
/** Names of devices on Windows, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

function isName(value: unknown): boolean {
  if (typeof value !== 'string' || DEVICE.test(value)) return false
  return NAME.test(value) && !/[ .]$/.test(value)
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
}

/** @internal */
export const aName = check(
  'a name, not a path (letters, digits, spaces and ._@+-, at most 64 characters, the first a letter or a digit, the last no dot or space)',
  isName,
)

/** @internal */
export const aPath = check('the path of a file', isPath)

/** The checks of a `SessionPlace`'s options. @internal */
export const PLACE = { path: aPath, app: aName, profile: aName }

/** What the options of a place are called, for messages; no `path`: there is no such option. */
export interface PlaceNames {
  readonly app: string
  readonly profile: string
  readonly path?: string
}

/** @internal */
export const WITHOUT_PATH: PlaceNames = { app: 'app', profile: 'profile' }

const NAMES: PlaceNames = { ...WITHOUT_PATH, path: 'path' }

/**
 * The absolute path of the session's file.
 *
 * @throws TokenOptionsError
 * @internal
 */
export function sessionPath(
  owner: string,
  { path, app, profile }: SessionPlace,
  names: PlaceNames = NAMES,
): string {
  if ((path === undefined) === (app === undefined)) {
    const given = path === undefined ? 'neither' : 'both'
    throw new TokenOptionsError(`${owner}: pass either \`path\` or \`app\`, got ${given}`)
  }
  if (path !== undefined) {
    checkValue(owner, 'path', path, aPath)
    if (profile === undefined) return resolve(path)
    throw new TokenOptionsError(
      `${owner}: \`profile\` can only be used with \`app\`; \`path\` names the file itself`,
    )
  }
  checkValue(owner, names.app, app, aName)
  if (profile !== undefined) checkValue(owner, names.profile, profile, aName)
  const file = `${profileFileName(owner, profile, names)}.json`
  return join(stateFolder(owner, app, names), 'sessions', file)
}

/**
 * What is not absolute counts as not set, as the XDG specification says: no token goes into the
 * current folder. On macOS and Windows the folders are those of npm's env-paths.
 */
function stateFolder(owner: string, app: string, names: PlaceNames): string {
  const { platform, env } = process
  if (platform === 'darwin')
    return absolute(owner, join(homeFolder(), 'Library', 'Application Support', app), names)
  if (platform === 'win32') {
    const local = env.LOCALAPPDATA || join(homeFolder(), 'AppData', 'Local')
    return absolute(owner, join(local, app, 'Data'), names)
  }
  const { XDG_STATE_HOME = '' } = env
  if (isAbsolute(XDG_STATE_HOME)) return join(XDG_STATE_HOME, app)
  return absolute(owner, join(homeFolder(), '.local', 'state', app), names)
}

function absolute(owner: string, folder: string, names: PlaceNames): string {
  if (isAbsolute(folder)) return folder
  const otherwise = names.path === undefined ? '' : `, or pass \`${names.path}\``
  throw new TokenOptionsError(
    `${owner}: this user has no home folder, so there is no place for \`${names.app}\`. Set HOME or XDG_STATE_HOME to an absolute path${otherwise}`,
  )
}

/** HOME may be empty, and the user may have no entry in the system's list. */
function homeFolder(): string {
  try {
    return [homedir(), userInfo().homedir].find((folder) => isAbsolute(folder)) ?? ''
  } catch {
    return ''
  }
}

/** On a file system that knows no case, two profiles must not share a file. */
function profileFileName(owner: string, profile = 'default', names: PlaceNames): string {
  const encoded = profile.normalize('NFC').replace(/[^a-z0-9._@+-]/gu, (sign) => {
    return [...new TextEncoder().encode(sign)].map((byte) => `%${byte.toString(16)}`).join('')
  })
  if (encoded.length <= LONGEST_FILE_NAME) return encoded
  throw new TokenOptionsError(
    `${owner}: \`${names.profile}\` must be a shorter name, got ${describeValue(profile)} of ${profile.length} characters`,
  )
}
