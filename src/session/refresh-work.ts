import type { AccessToken } from './access-token.js'
import type { SessionCore } from './core.js'
import type { Refresh } from './refresh.js'
import type { TokenRequests } from './token-requests.js'

/** What a refresh works on. */
export interface RefreshWork {
  readonly core: SessionCore
  readonly requests: TokenRequests
  readonly access: AccessToken
  readonly refresh: Refresh
}
