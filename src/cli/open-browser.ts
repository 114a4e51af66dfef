import { LoginError } from '../errors.js'
import type { AuthorizationRequest } from '../oauth/login/authorization-request.js'
import { createScrubber } from '../redact.js'

/**
 * Calls the caller's `open`. Rejects if it throws, rejects, or gives a child process that cannot be
 * started; never resolves, since an open browser is no answer yet. An exit code says nothing:
 * commands that open browsers exit as they like (`explorer.exe`: always 1).
 *
 * @throws LoginError, reason `failed`
 * @internal
 */
export async function openBrowser(
  open: (url: string) => unknown,
  request: AuthorizationRequest,
): Promise<never> {
  try {
    const opened: unknown = await open(request.url)
    return await new Promise<never>((_resolve, reject) => {
      // The listener stays: without one, a child's late `error` ends the process.
      if (isEmitter(opened)) opened.on('error', reject)
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
    'The browser could not be opened: let `open` show the URL to the user instead, or log in by deviceLogin',
    { reason: 'failed', cause: createScrubber([url, state, nonce]).cause(thrown) },
  )
}
