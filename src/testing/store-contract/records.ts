import type { StoredSession } from '../../stores/token-store.js'

/** A record of the session, logged in. The tokens are made up. */
export function signedIn(version: number, note = 'tokens', size = 40): StoredSession {
  return {
    sessionId: 'session-of-the-contract',
    version,
    tokens: {
      accessToken: `access-${note}-${version}-`.padEnd(size, 'a'),
      tokenType: 'Bearer',
      refreshToken: `refresh-${note}-${version}`,
      issuedAt: 1_700_000_000_000,
      expiresAt: 1_700_000_300_000,
    },
  }
}

export function signedOut(version: number): StoredSession {
  return { sessionId: 'session-of-the-contract', version, tokens: null }
}

/** All that a record may hold: signs of every kind, a long token, fields of a later version. */
export function rich(version: number): StoredSession {
  const { tokens, ...session } = signedIn(version, 'rich', 8_000)
  const later = { note: ['ä', '€', '😀', '"\\\n\u0000'], count: 1.5, flag: false, none: null }
  return {
    ...session,
    tokens: { ...tokens!, scope: 'openid läßt grüßen', idToken: 'eyJ.eyJ.x', ...later },
    ...{ later },
  }
}
