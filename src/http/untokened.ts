import { NotReplayedError, type TokenError } from '../errors.js'

/** Why a request that got a 401 carried no token. @internal */
export function notBound(): TokenError {
  return new NotReplayedError(
    'The request carried no token: it went to an origin that the token is not bound to',
    { reason: 'origin' },
  )
}
