import { createLedger, type Ledger } from './ledger.js'
import type { Interruptions } from './interruptions.js'
import type { Settings } from './options.js'
import { createCounters, type Counters, type Entry } from './records.js'
import { createScript, type Script } from './script.js'

/** All that one server knows. A reset loses everything but where it is. */
export interface ServerState {
  readonly settings: Settings
  issuer: string
  isListening: boolean
  ledger: Ledger
  script: Script
  counters: Counters
  requests: Entry[]
  readonly interruptions: Interruptions
}

export function createState(settings: Settings): ServerState {
  return {
    settings,
    issuer: settings.issuer,
    isListening: false,
    interruptions: new Set(),
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
  }
}
