import { check, checkValue, isObject, milliseconds, optionError } from '../checks.js'
import { TokenOptionsError } from '../errors.js'
import { ENDPOINTS, type Fault } from './fault.js'
import { REFUSAL_CASES } from './refusal.js'
import { oneOf } from './settings.js'

/** What distinguishes the actions; an error fault may carry a status, so it is looked for first. */
const ACTIONS = [
  'pass',
  'hang',
  'drop',
  'error',
  'refuse',
  'status',
  'html',
  'omit',
  'override',
  'respond',
] as const

/** @internal */
export type FaultKind = (typeof ACTIONS)[number] | 'delay'

/** @throws TokenOptionsError if it has no action or several, or something in it is not as its docs say */
export function checkFault(fault: Fault): Fault {
  if (!isObject(fault)) throw optionError(OWNER, 'fault', 'an object', fault)
  const { at = 'token', when = 'before', delayMs = 0 } = fault
  checkValue(OWNER, 'at', at, oneOf(...ENDPOINTS))
  checkValue(OWNER, 'when', when, oneOf('before', 'after'))
  checkValue(OWNER, 'delayMs', delayMs, milliseconds)
  faultKind(fault)
  if ('refuse' in fault) checkValue(OWNER, 'refuse', fault.refuse, oneOf(...REFUSAL_CASES))
  if ('status' in fault && fault.status !== undefined) {
    checkValue(OWNER, 'status', fault.status, aStatus)
  }
  return fault
}

const OWNER = 'fault'

/** What the Response constructor accepts. */
const aStatus = check(
  'an integer from 200 to 599',
  (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599,
)

/** @throws TokenOptionsError unless there is exactly one action */
export function faultKind(fault: Fault): FaultKind {
  const kinds = ACTIONS.filter((action) => action in fault)
  const [kind] = kinds
  const isOne = kinds.length === 1 || kinds.join() === 'error,status'
  if (kind && isOne) return kind
  if (!kind && 'delayMs' in fault) return 'delay'
  const given = kinds.join(' and ') || 'none'
  throw new TokenOptionsError(
    `${OWNER}: must have exactly one of ${ACTIONS.join(', ')}, delayMs, got ${given}`,
  )
}
