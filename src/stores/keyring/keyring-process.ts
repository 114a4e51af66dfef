import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { isTokenError, TokenStoreError } from '../../errors.js'
import { withTimeout } from '../../wait.js'
import { ANSWER_MARK, keyringProgram } from './keyring-program.js'

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

interface Answer {
  readonly key?: string
  readonly stage?: string
  readonly error?: string
}

/**
 * Asks the operating system's keyring, in a process of its own that is killed when its time is
 * over: the library blocks its thread as long as the keyring does not answer. What is secret goes
 * through pipes alone.
 *
 * @returns `undefined` if the keyring is open and there is no such entry
 * @throws TokenStoreError `locked`, or `failed` if there is no keyring, no answer or no library
 * @internal
 */
export async function askKeyring(
  entry: KeyringEntry,
  request: KeyringRequest,
  operation: TokenStoreError['operation'],
): Promise<string | undefined> {
  const { timeoutMs } = entry
  const modulePath = libraryPath(operation)
  const child = spawn(process.execPath, ['-e', keyringProgram()], {
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  })
  try {
    const asked = `${JSON.stringify({ ...entry, ...request, modulePath })}\n`
    const { key, stage, error } = await withTimeout(
      () => answerOf(child, asked),
      timeoutMs,
      () => {
        return new TokenStoreError(
          `The keyring did not answer within ${timeoutMs} ms: it may be waiting for you to unlock it, or hang. Unlock it and try again`,
          { operation },
        )
      },
    )
    if (error !== undefined) throw refused(stage, error, operation)
    return key
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    const message = `The keyring could not be asked: ${process.execPath} -e did not run. A program that is one executable file needs fileStore`
    throw new TokenStoreError(message, { operation, cause })
  } finally {
    child.kill('SIGKILL')
  }
}

const ANSWER = new RegExp(`^${ANSWER_MARK}(.*)\n`, 'm')

function answerOf(child: ChildProcess, asked: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.on('error', reject)
    child.on('close', () =>
      reject(new Error('The process that asks the keyring ended without an answer')),
    )
    child.stdin!.on('error', reject)
    child.stdin!.write(asked)
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const [, answer] = ANSWER.exec(text) ?? []
      if (answer !== undefined) resolve(JSON.parse(answer) as Answer)
    })
  })
}

/** An optional peer: looked for from here, loaded by the child alone. */
function libraryPath(operation: TokenStoreError['operation']): string {
  try {
    return createRequire(import.meta.url).resolve('@napi-rs/keyring')
  } catch (cause) {
    throw new TokenStoreError(
      'The keyring needs the package @napi-rs/keyring (2.1 or later): npm install @napi-rs/keyring',
      { operation, cause },
    )
  }
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
    return new TokenStoreError('The keyring is locked: unlock it and try again', {
      operation,
      reason: 'locked',
      cause,
    })
  }
  return new TokenStoreError('There is no keyring that could be used here: see the cause', {
    operation,
    cause,
  })
}
