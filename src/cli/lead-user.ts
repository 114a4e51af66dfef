import { LoginError } from '../errors.js'
import type { AuthorizationRequest } from '../oauth/login/authorization-request.js'
import { createScrubber } from '../redact.js'
import { canOpenBrowser, openBrowser } from './open-browser.js'

/** The ways to lead the user to the authorization server's page. */
export interface Ways {
  readonly open: ((url: string) => unknown) | undefined
  readonly onUrl: ((url: string) => unknown) | undefined
}

/**
 * Shows the user the URL and opens it. Never resolves, since an open browser is no response yet.
 * Rejects if the user cannot get there: `onUrl` fails, or there is none and the browser cannot be
 * opened. An exit code says nothing: commands that open browsers exit as they like.
 *
 * @throws LoginError `failed`, or whatever `onUrl` throws
 * @internal
 */
export async function leadUser(
  { open, onUrl }: Ways,
  request: AuthorizationRequest,
): Promise<never> {
  const showing = shown(onUrl, request.url)
  const opening = opened(open ?? ownOpener(), request)
  // Who has seen the URL needs nothing else.
  if (onUrl) opening.catch(() => {})
  return onUrl ? showing : opening
}

async function shown(onUrl: Ways['onUrl'], url: string): Promise<never> {
  await onUrl?.(url)
  return new Promise<never>(() => {})
}

function ownOpener(): Ways['open'] {
  return canOpenBrowser() ? openBrowser : undefined
}

async function opened(open: Ways['open'], request: AuthorizationRequest): Promise<never> {
  try {
    const result: unknown = await open?.(request.url)
    return await new Promise<never>((_resolve, reject) => {
      // The listener stays: without one, a child's late `error` ends the process.
      if (isEmitter(result)) result.on('error', reject)
    })
  } catch (thrown) {
    throw openError(thrown, request)
  }
}

interface Emitter {
  on(event: 'error', listener: (error: unknown) => void): void
}

function isEmitter(value: unknown): value is Emitter {
  return typeof (value as Partial<Emitter> | null | undefined)?.on === 'function'
}

/** A command's error quotes its command line, and with it the URL. */
function openError(thrown: unknown, { url, state, nonce }: AuthorizationRequest): LoginError {
  return new LoginError(
    'The browser could not be opened: pass `onUrl`, which shows the URL to the user, or use deviceLogin',
    { reason: 'failed', cause: createScrubber([url, state, nonce]).cause(thrown) },
  )
}
