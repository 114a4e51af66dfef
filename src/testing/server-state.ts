import type { Consent } from './consent.js'
import type { Emulation } from './emulation.js'
import { createIdTokenSigner, type IdTokenSigner } from './id-token.js'
import { createLedger, type Ledger } from './ledger.js'
import type { Interruptions } from './interruptions.js'
import type { Settings } from './settings.js'
import { PATHS, type Paths } from './paths.js'
import { createCounters, type Counters, type Entry } from './records.js'
import type { Refusals } from './refusal.js'
import { createScript, type Script } from './script.js'

/** All that one server knows. A reset loses everything but where it is. */
export interface ServerState {
  readonly settings: Settings
  readonly paths: Paths
  /** What differs from RFC 6749 in the emulated server. */
  readonly emulation: Emulation | undefined
  readonly refusals: Refusals
  issuer: string
  isListening: boolean
  ledger: Ledger
  script: Script
  counters: Counters
  requests: Entry[]
  /** What the user does at the next logins, in this order. */
  consents: Consent[]
  readonly idTokens: IdTokenSigner
  readonly interruptions: Interruptions
}

export function createState(settings: Settings, emulation?: Emulation): ServerState {
  return {
    settings,
    emulation,
    paths: { ...PATHS, ...emulation?.paths },
    refusals: emulation?.refusals ?? {},
    issuer: settings.issuer,
    isListening: false,
    interruptions: new Set(),
    idTokens: createIdTokenSigner(),
    ...blank(),
  }
}

/** What a reset puts in place of what there was. */
export function blank() {
  return {
    ledger: createLedger(),
    script: createScript(),
    counters: createCounters(),
    requests: [] as Entry[],
    consents: [] as Consent[],
  }
}
