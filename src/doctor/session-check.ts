import { isTokenError } from '../errors.js'
import { TokenManager } from '../token-manager.js'
import { fileStore } from '../stores/file/file-store.js'
import type { Finding } from './report.js'

/** What happened to the session in the file; it is read, and nothing is refreshed. */
export async function sessionFindings(path: string): Promise<Finding[]> {
  const finding = (verdict: Finding['verdict'], text: string): Finding => ({
    about: 'session',
    verdict,
    text,
  })
  const tokens = new TokenManager({
    store: fileStore({ path }),
    refresh: () => Promise.reject(new Error('The doctor refreshes nothing')),
  })
  try {
    const { sessionId, state, reason, sentences } = await tokens.explain()
    if (sessionId === undefined) return [finding('problem', 'there is no session in this file')]
    const stands =
      state === 'signed-in'
        ? finding('good', 'there is a session, and its user is logged in')
        : finding('problem', `the session has ended: ${reason}`)
    return [stands, ...sentences.map((text) => finding('note', text))]
  } catch (error) {
    if (!isTokenError(error)) throw error
    return [finding('problem', error.message)]
  } finally {
    await tokens.close()
  }
}
