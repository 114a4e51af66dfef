import { oneRefresh } from './one-refresh.js'
import { plots } from './plots.js'
import { race } from './race.js'

/** @returns every picture that is the same each time it is drawn, by its name */
export function drawings(): Record<string, string> {
  return { 'one-refresh': oneRefresh(), race: race(), ...plots() }
}
