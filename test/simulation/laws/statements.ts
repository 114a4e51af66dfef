/**
 * The laws as the simulation checks them, after every step. The numbers are those of the README's
 * table; each sentence says exactly what is checked, and what is excused.
 */
export const LAWS = {
  1: 'Two token requests of one session are never under way at once, unless one outlived its time or its process lost the lease.',
  2: 'A process that knows the successor of a refresh token never sends that token; nobody who holds the lease sends one whose successor was in the store before the lease began.',
  '2 lease':
    'A refresh token is sent only while the process has the lease, by its own monotonic clock.',
  '2 once more':
    'A refresh token whose outcome is unknown is sent once more; then again only a second or more after the last time, whichever process sends it.',
  '2 socket':
    'A process that was frozen reads the response that came meanwhile before it takes the request for lost.',
  '2 reuse':
    'The server never sees a spent refresh token again, unless nobody who could have saved its successor lived to do so: the response was lost or late, its process was killed, frozen out of its lease, or kept from saving, or the store was set back.',
  3: 'A token from a refresh is handed out only after its record was saved, or after `saveFailed` was told.',
  4: 'What is saved never takes the place of what a later login or logout saved, nor of a newer refresh of the same session.',
  '4 revoke': 'Tokens of the session in force are never revoked.',
  6: 'Every call ends: a caller waits `waitTimeoutMs` at most, a login, logout or close 90 s, frozen time not counted.',
  7: 'A caller who finds a usable token gets it without waiting.',
  8: 'A session ends only because its user logged out, because the server refused its refresh token for good, or because its record is gone from the store.',
  '8 gone':
    'A process that finds nothing in the store where it had found or saved the session hands out none of its tokens to later calls, unless something of it is unsaved, or it is logging in just then.',
  '8 recheck':
    'With `recheckMs`, a login or logout made elsewhere is known at the second of two calls that are longer apart than that.',
  '8 at rest':
    'After an end, a process makes no token request until there has been a login, or a late response, or something older has come back into the store.',
  '8 alive':
    'When all trouble is over, whoever has a living session gets a token, as long as its refresh token is in the store or in the memory of a living process. Whoever has a wrong clock may wait out another’s cool-down first; an end that an older release has written is believed, whatever it was.',
  9: 'An API that answers 401 to everything costs at most two refreshes of one access token within ten seconds, or a fifth of the lifetime if that is less; three where messages are slow, so that a new token is refused before the replay with it is, and where a process of an older release says less, or a clock is off.',
  '9 retry-after':
    'No token request of a session is made before the time that the server named has passed, by whoever could have known it.',
  '9 first caller':
    'A refusal that came in the background, while the token was good, does not keep a caller waiting after its expiry, unless the server named a time, or the token was revoked, or a clock is off.',
  '15 keepFresh':
    'With `keepFresh`, a session that is alive has a usable token at all times, a minute after whatever went wrong.',
  13: 'Nothing is scheduled after a manager is closed.',
  14: 'No rejection is left unhandled, and nothing is thrown into the process.',
  16: 'Nobody gets a token of a login that he knows, or has himself replaced, by a later login or logout.',
} as const

export type LawName = keyof typeof LAWS

export interface Broken {
  readonly law: LawName
  readonly what: string
}
