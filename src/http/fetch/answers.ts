import { setReason } from '../../errors.js'
import type { Answers } from '../platform.js'
import { discard } from './discard.js'

export const ANSWERS: Answers<Response> = {
  // An opaque redirect has none, and is one.
  statusOf: (response) => (response.type === 'opaqueredirect' ? 302 : response.status),
  headerOf: (response, name) => response.headers?.get(name),
  discard,
  passOn(response, reason) {
    if (reason) setReason(response, reason)
    return response
  },
}
