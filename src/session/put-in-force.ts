import { monotonicNow, pause } from '../clock.js'
import { isTokenError, type TokenStoreError } from '../errors.js'
import type { TokenEvents } from '../events.js'
import { warningsOf, type TokenSet } from '../tokens/token-set.js'
import type { AccessToken } from './access-token.js'
import type { Attempts } from './attempts.js'
import type { SessionCore } from './core.js'
import type { RefreshWork } from './refresh.js'
import type { Saved } from './save.js'
import { syncWithStore } from './sync.js'
import type { Outcome } from './wait-request.js'

/** What the server gave out, and the claims that it was asked for with. */
export interface Received {
  readonly tokens: TokenSet
  readonly claims: string | undefined
}

/** Puts in force what the server gave out, saved or not, and tells of it. @internal */
export function putInForce(
  { core, access, refresh }: RefreshWork,
  { record, error }: Saved,
  { tokens, claims }: Received,
  startedAt: number,
): void {
  const { reason } = refresh
  const durationMs = Math.round(monotonicNow() - startedAt)
  const { expiresAt } = tokens
  const warnings = warningsOf(tokens)
  const told = { reason, durationMs, expiresAt, ...forResource(access) }
  const event = warnings.length > 0 ? { ...told, warnings } : told
  holdTokens(core, access, { record, error, event }, { tokens, claims })
}

/**
 * What callers get. Where it could not be saved, they get it here, and saving goes on.
 *
 * @internal
 */
export async function whenSaved(
  { core, refresh }: RefreshWork,
  { error }: Saved,
  { accessToken }: TokenSet,
  attempts: Attempts,
): Promise<Outcome> {
  const outcome = { token: accessToken, isFromServer: true, isOther: true }
  if (!error) return outcome
  refresh.answer(outcome)
  try {
    await keepSaving(core, () => refresh.isSuperseded, attempts)
  } finally {
    core.unfinishedSave = undefined
  }
  return outcome
}

/**
 * Saves what could not be saved at once, as long as the lease makes that safe: whoever gets it next
 * would spend the spent refresh token. Another refresh of this process does not wait for the lease:
 * it has one more attempt made at once, and fails with it.
 */
async function keepSaving(
  core: SessionCore,
  isSuperseded: () => boolean,
  attempts: Attempts,
): Promise<void> {
  for (let failures = 0; core.state.unsaved && !isSuperseded(); failures++) {
    const pauseMs = attempts.savePauseMs(failures)
    if (pauseMs === undefined) return
    const { over, end } = pause(pauseMs)
    const save = async () => {
      await over
      return saveUnsaved(core, isSuperseded)
    }
    const saving = save()
    core.unfinishedSave = {
      tryNow: () => {
        end()
        return saving
      },
    }
    await saving
  }
}

/** @returns why it failed, if it did */
async function saveUnsaved(
  core: SessionCore,
  isSuperseded: () => boolean,
): Promise<TokenStoreError | undefined> {
  try {
    const { saveError } = await syncWithStore(core, isSuperseded)
    return saveError
  } catch (error) {
    return isTokenError(error, 'ERR_TOKEN_STORE') ? error : undefined
  }
}

/**
 * Puts in force what the server has just given out.
 *
 * @internal
 */
export function holdTokens(
  core: SessionCore,
  access: AccessToken,
  saved: Saved & { event?: TokenEvents['refreshed'] },
  { tokens, claims }: Received,
): void {
  const isOwn = access === core.own
  core.apply({ type: 'refreshed', ...saved, isOwn })
  if (!isOwn) access.hold(tokens, core.sessionId, 'refresh')
  access.confirm(claims)
}

/** For which resource, where it is not the session's own access token. @internal */
export function forResource({ parameters }: AccessToken) {
  return { resource: parameters.resource }
}
