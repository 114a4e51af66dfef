import { isTokenError } from '../errors.js'
import type { CheckableStore } from '../stores/file/checkable-store.js'
import { fileStore } from '../stores/file/file-store.js'
import { keyringStore } from '../stores/keyring/keyring-store.js'
import type { Finding } from './report.js'

const NAME = 'tokenward-doctor'

/** Whether a login could be kept on this machine, in a file and with the keyring. */
export async function machineFindings(): Promise<Finding[]> {
  return Promise.all([
    storeFinding('a file', 'problem', () => fileStore({ app: NAME })),
    // Without a keyring a file will do: `localStore` chooses by itself.
    storeFinding('the keyring', 'note', () => keyringStore({ service: NAME, account: NAME })),
  ])
}

async function storeFinding(
  name: string,
  ifNot: 'note' | 'problem',
  make: () => CheckableStore,
): Promise<Finding> {
  try {
    await make().check()
    return { about: 'machine', verdict: 'good', text: `a session can be kept in ${name}` }
  } catch (error) {
    if (!isTokenError(error)) throw error
    return { about: 'machine', verdict: ifNot, text: `${name}: ${error.message}` }
  }
}
