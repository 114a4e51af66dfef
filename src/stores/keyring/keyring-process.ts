import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
// Not by name: the banner that most bundles need (`import{createRequire}from'node:module'`) has that one.
import * as nodeModule from 'node:module'
import { basename, dirname, join } from 'node:path'
import { isTokenError, TokenStoreError } from '../../errors.js'
import { foreignText } from '../../foreign-text.js'
import { withTimeout } from '../../wait.js'
import { createResponseReader, type KeyringResponse } from './keyring-response.js'
import { keyringProgram } from './keyring-program.js'

/** One entry of the keyring. */
export interface KeyringEntry {
  readonly service: string
  readonly account: string
  readonly timeoutMs: number
}

export type KeyringRequest =
  | { readonly act: 'get' }
  /** The entry's text, or this one where there is none. */
  | { readonly act: 'obtain'; readonly candidate: string }
  | { readonly act: 'remove' }

/**
 * Asks the operating system's keyring, in a process of its own that is killed when its time is
 * over: the library blocks its thread as long as the keyring does not respond. What is secret goes
 * through pipes alone.
 *
 * @returns `undefined` if the keyring is open and there is no such entry
 * @throws TokenStoreError `locked`, or `failed` if there is no keyring, no response or no library
 * @internal
 */
export async function askKeyring(
  entry: KeyringEntry,
  request: KeyringRequest,
  operation: TokenStoreError['operation'],
): Promise<string | undefined> {
  const { timeoutMs } = entry
  assertRunsScripts(operation)
  const modulePath = libraryPath(operation)
  const child = spawn(process.execPath, ['-e', keyringProgram()], {
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
    env: { ...process.env, [CHILD_MARK]: '1' },
  })
  try {
    const asked = `${JSON.stringify({ ...entry, ...request, modulePath, parent: process.pid })}\n`
    const { key, stage, error } = await withTimeout(
      () => responseOf(child, asked),
      timeoutMs,
      () => {
        return new TokenStoreError(
          `The keyring did not respond within ${timeoutMs} ms: it may be waiting for you to unlock it, or hang. ${howToUnlock()}`,
          { operation, reason: 'locked' },
        )
      },
    )
    if (error !== undefined) throw refused(stage, error, operation)
    return key
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    const message = `The keyring could not be read: ${process.execPath} -e did not start. A program that is a single executable file cannot use the keyring`
    throw new TokenStoreError(message, { operation, cause, isTransient: false })
  } finally {
    child.kill('SIGKILL')
  }
}

function responseOf(child: ChildProcess, asked: string): Promise<KeyringResponse> {
  return new Promise((resolve, reject) => {
    const responseIn = createResponseReader()
    child.on('error', reject)
    child.on('close', () =>
      reject(new Error('The process that reads the keyring ended without a response')),
    )
    child.stdin!.on('error', reject)
    child.stdin!.write(asked)
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      try {
        const response = responseIn(part)
        if (response) resolve(response)
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** In the environment of whatever is started to ask the keyring. */
const CHILD_MARK = 'TOKENWARD_ASKS_KEYRING'

/**
 * A program that is one executable file does not run scripts: it would start itself. One that was
 * started to ask the keyring asks nobody, whatever it is: so no chain of processes can come of it.
 */
function assertRunsScripts(operation: TokenStoreError['operation']): void {
  const isSingleFile = CHILD_MARK in process.env || isSea() || isCompiled()
  if (!isSingleFile) return
  throw new TokenStoreError(
    'The keyring cannot be read by a program that is a single executable file: it is read in a child process, with `node -e`',
    { operation, isTransient: false },
  )
}

function isSea(): boolean {
  try {
    const { getBuiltinModule } = process as { getBuiltinModule?: (id: string) => unknown }
    const load = getBuiltinModule ?? nodeModule.createRequire(import.meta.url)
    return (load('node:sea') as { isSea(): boolean }).isSea()
  } catch {
    return false
  }
}

/** `bun build --compile` and `deno compile` run what they hold, whatever the arguments say. */
function isCompiled(): boolean {
  const { bun, deno } = process.versions
  const name = basename(process.execPath).replace(/\.exe$/i, '')
  return (bun !== undefined && name !== 'bun') || (deno !== undefined && name !== 'deno')
}

/**
 * An optional peer: looked for from here and, where a bundler has moved this code, from the program,
 * and loaded by the child alone.
 */
function libraryPath(operation: TokenStoreError['operation']): string {
  const bases = [import.meta.url, process.argv[1]].filter((base) => typeof base === 'string')
  let cause: unknown
  for (const base of bases) {
    try {
      const found = nodeModule.createRequire(base).resolve('@napi-rs/keyring')
      assertTrusted(found, operation)
      return found
    } catch (error) {
      if (isTokenError(error)) throw error
      cause ??= error
    }
  }
  throw new TokenStoreError(
    'The keyring needs the package @napi-rs/keyring (2.1 or later): npm install @napi-rs/keyring',
    { operation, cause, isTransient: false },
  )
}

/**
 * Node looks in every folder above: code is loaded from none that another user could have filled.
 * The library looks for its prebuilt part in the same way, and by the same scope.
 *
 * @internal
 */
export function assertTrusted(found: string, operation: TokenStoreError['operation']): void {
  const user = process.geteuid?.()
  if (user === undefined) return
  const modules = found.slice(0, found.lastIndexOf('node_modules') + 'node_modules'.length)
  const own = [found, dirname(found), modules, dirname(modules)]
  for (const path of [...own, ...scopesAbove(dirname(modules))]) {
    const { uid, mode } = statSync(path)
    const isOthers = (uid !== 0 && uid !== user) || ((mode & 0o002) !== 0 && (mode & 0o1000) === 0)
    if (!isOthers) continue
    throw new TokenStoreError(
      `@napi-rs/keyring was found in ${modules}, and other users can write in ${path}, so it is not loaded`,
      { operation, isTransient: false },
    )
  }
}

/** Whatever of this scope Node could find, from this folder upwards. */
function scopesAbove(folder: string): string[] {
  const modules = join(folder, 'node_modules')
  const scope = join(modules, '@napi-rs')
  const packages = existsSync(scope) ? readdirSync(scope).map((name) => join(scope, name)) : []
  const here = existsSync(scope) ? [modules, scope, ...packages] : []
  return folder === dirname(folder) ? here : [...here, ...scopesAbove(dirname(folder))]
}

/** The Secret Service has words for "locked", and none for "locked since the login". */
const LOCKED = /lock|dismissed|no result found|interaction/i

function refused(
  stage: string | undefined,
  error: string,
  operation: TokenStoreError['operation'],
): TokenStoreError {
  const cause = new Error(error)
  if (stage !== 'open' && LOCKED.test(error)) {
    return new TokenStoreError(`The keyring is locked. ${howToUnlock()}`, {
      operation,
      reason: 'locked',
      isTransient: false,
      cause,
    })
  }
  return new TokenStoreError(
    `There is no keyring that could be used here (${foreignText(error)})`,
    {
      operation,
      isTransient: false,
      cause,
    },
  )
}

function howToUnlock(): string {
  const how = process.platform === 'darwin' ? ' (type: security unlock-keychain)' : ''
  return `Unlock it${how} and try again`
}
