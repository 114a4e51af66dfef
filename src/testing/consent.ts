import { aText, checkOptions } from '../checks.js'

/**
 * What the user does at the page that asks for consent. Without a script the user agrees to all.
 *
 * @public
 */
export type Consent = Agreement | Denial

/** @public */
export interface Agreement {
  /** Who the user is. @default 'user' */
  sub?: string
  /** What the user agrees to, separated by spaces. @default what was asked for */
  scope?: string
}

/** @public */
export interface Denial {
  /** The `error` that the client gets: `access_denied`, `login_required`, `consent_required`, ... */
  deny: string
  /** The `error_description`. */
  description?: string
}

/** @throws TokenOptionsError if it is none */
export function checkConsent(consent: Consent): Consent {
  checkOptions('consent', consent, { sub: aText, scope: aText, deny: aText, description: aText })
  return consent
}

export function isDenial(consent: Consent): consent is Denial {
  return 'deny' in consent
}
