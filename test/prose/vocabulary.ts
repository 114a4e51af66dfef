/** A word that is not used here, and the plain word that is. */
interface Replacement {
  wrong: RegExp
  use: string
}

/**
 * One word for one thing: that of the RFCs where they have one, that of the glossary in
 * docs/architecture.md where we need our own, and else the plain word that everyone knows.
 */
export const WORDS: readonly Replacement[] = [
  // Of the RFCs.
  { wrong: /\banswer(s|ed|ing)?\b/gi, use: 'response, respond' },
  { wrong: /\btickets?\b/gi, use: 'access token' },
  { wrong: /\bauthoris(e[ds]?|ing|ation)\b/gi, use: 'authorize, authorization' },
  { wrong: /\b(sessions?|client|user|key|process) ids?\b/g, use: 'ID' },
  { wrong: /\brfc ?\d+|RFC\d+\b/g, use: 'RFC 6749, with a space' },

  // Ours.
  { wrong: /\bcool ?downs?\b/gi, use: 'cool-down' },
  { wrong: /\btime-outs?\b/gi, use: 'timeout' },
  { wrong: /\bmutex(es)?\b/gi, use: 'lease, or lock' },
  { wrong: /\bsign(s|ed|ing)?[- ]in\b/gi, use: 'login, log in' },
  { wrong: /\bsign(s|ing)? out\b/gi, use: 'log out' },
  { wrong: /\b(log|sign)-?offs?\b/gi, use: 'logout' },
  { wrong: /\b(desk|landings?|orphan(s|ed)?|upkeep|residents?|veil(s|ed)?|rehears(al|als|e|ed|es))\b/gi, use: 'see the glossary' }, // prettier-ignore

  // Plain words for old and odd ones.
  { wrong: /\bmend(s|ed|ing)?\b/gi, use: 'fix' },
  { wrong: /\bbefall(s|en)?\b/gi, use: 'happen to' },
  { wrong: /\b(whence|whither)\b/gi, use: 'from where, where to' },
  { wrong: /\banew\b/gi, use: 'again' },
  { wrong: /\bmeanwhile\b/gi, use: 'in the meantime' },
  { wrong: /\baffairs?\b/gi, use: 'responsibility' },
  { wrong: /\bfor ever\b/gi, use: 'forever' },
  { wrong: /\bto be had\b/gi, use: 'available' },
  { wrong: /\b(hitherto|thereof|therein|thereby|thereupon|wherein|lest|albeit|hereby|amongst|whilst)\b/gi, use: 'a word of today' }, // prettier-ignore
  { wrong: /\bbut for\b/gi, use: 'except, without' },
  { wrong: /\bwish(es|ed|ing)?\b/gi, use: 'option, want' },
  { wrong: /\b(any|every|some)body\b/gi, use: 'anyone, everyone, someone' },
  { wrong: /\bha(s|ve) the say\b/gi, use: 'decide' },
  { wrong: /\bas it says\b/gi, use: 'what is meant' },
  { wrong: /\b(utili[sz]e[sd]?|leverag(e|es|ing))\b/gi, use: 'use' },
  { wrong: /\bin order to\b/gi, use: 'to' },
  { wrong: /\bcan not\b/gi, use: 'cannot' },
]

/** Names, as their owners write them. In code they may be written otherwise. */
export const NAMES: readonly string[] = [
  'OAuth',
  'OpenID Connect',
  'ID token',
  'JWT',
  'PKCE',
  'DPoP',
  'JSON',
  'HTTP',
  'HTTPS',
  'TLS',
  'URL',
  'URI',
  'Redis',
  'Node.js',
  'JavaScript',
  'TypeScript',
  'GitHub',
]
