import { resolve, join } from 'node:path'
import envPaths from 'env-paths'
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
      profile?: string
      path?: undefined
    }

/**
 * The absolute path of the session's file.
 *
 * @throws TokenOptionsError
 * @internal
 */
export function sessionPath(owner: string, place: SessionPlace): string {
  const { path, app, profile } = place
  if ((path === undefined) === (app === undefined)) {
    const given = path === undefined ? 'neither' : 'both'
    throw new TokenOptionsError(`${owner}: either \`path\` or \`app\` wanted, got ${given}`)
  }
  if (path !== undefined) return resolve(checkedPath(owner, path, profile))
  const folder = fileName(owner, 'app', app)
  return join(stateFolder(folder), 'sessions', `${profileFileName(owner, profile)}.json`)
}

function checkedPath(owner: string, path: unknown, profile: unknown): string {
  if (profile !== undefined) {
    throw new TokenOptionsError(`${owner}: \`profile\` goes with \`app\`; \`path\` names the file`)
  }
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw new TokenOptionsError(`${owner}: \`path\`: the path of a file wanted, got ${shown(path)}`)
}

/** env-paths calls it `log` on Linux: `$XDG_STATE_HOME`; elsewhere `log` is for logs. */
function stateFolder(app: string): string {
  const { log, data } = envPaths(app, { suffix: '' })
  const isXdg = process.platform !== 'darwin' && process.platform !== 'win32'
  return resolve(isXdg ? log : data)
}

/** On a file system that knows no case, two profiles must not share a file. */
function profileFileName(owner: string, profile = 'default'): string {
  const name = fileName(owner, 'profile', profile).normalize('NFC')
  const encoded = name.replace(/[^a-z0-9._@+-]/gu, (sign) => {
    return [...new TextEncoder().encode(sign)].map((byte) => `%${byte.toString(16)}`).join('')
  })
  if (encoded.length <= LONGEST_FILE_NAME) return encoded
  throw new TokenOptionsError(`${owner}: \`profile\`: a shorter name wanted, got ${shown(profile)}`)
}

/** File systems take 255 bytes; the names of locks and temporary files are longer than the file's. */
const LONGEST_FILE_NAME = 192
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._@+-]{0,63}$/u
/** Names of devices on Windows, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

function fileName(owner: string, option: string, name: unknown): string {
  const isName = typeof name === 'string' && NAME.test(name) && !/[ .]$/.test(name)
  if (isName && !DEVICE.test(name)) return name
  throw new TokenOptionsError(
    `${owner}: \`${option}\`: a name and no path wanted (letters, digits, spaces and ._@+-, at most 64, the first a letter or digit, the last no dot), got ${shown(name)}`,
  )
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeof value
}
