import { createLedger, type Ledger } from './ledger.js'
import type { Interruptions } from './interruptions.js'
import type { Settings } from './options.js'
import { createCounters, type Counters, type Entry } from './records.js'
import { createScript, type Script } from './script.js'

/** All that one server knows. Everything but the settings and the issuer is lost by a reset. */
export interface ServerState {
  readonly settings: Settings
  issuer: string
  ledger: Ledger
  script: Script
  counters: Counters
  requests: Entry[]
  readonly interruptions: Interruptions
}

export function createState(settings: Settings): ServerState {
  return { settings, issuer: settings.issuer, interruptions: new Set(), ...blank() }
}

/** What a reset puts in place of what there was. */
export function blank() {
  return {
    ledger: createLedger(),
    script: createScript(),
    counters: createCounters(),
    requests: [] as Entry[],
  }
}
