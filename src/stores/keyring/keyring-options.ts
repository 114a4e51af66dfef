import { TokenOptionsError } from '../../errors.js'
import { assertStoreOptions } from '../file/store-options.js'

/** How long the keyring is waited for: shorter than what a manager gives a load or a save. */
export const KEYRING_TIMEOUT_MS = 3_000

/** @throws TokenOptionsError for an option that is unknown, or a `timeoutMs` that is none. */
export function checkKeyringOptions(
  owner: string,
  options: object,
  known: readonly string[],
): void {
  assertStoreOptions(owner, options, known)
  const { timeoutMs } = options as { timeoutMs?: unknown }
  const isDuration = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31
  if (timeoutMs === undefined || isDuration) return
  const given = typeof timeoutMs === 'number' ? timeoutMs : typeof timeoutMs
  throw new TokenOptionsError(
    `${owner}: \`timeoutMs\`: milliseconds, more than 0, wanted, got ${given}`,
  )
}
