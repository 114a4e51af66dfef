import { INSPECT } from '../../inspect.js'

const show = () => '[hidden: it holds a token]'
const nothing = () => undefined

/** For an object that others list or copy, which stays as it was: not enumerable. @internal */
export function hideForGood(object: object): void {
  if (Object.hasOwn(object, INSPECT) || !Object.isExtensible(object)) return
  const hidden = { enumerable: false, configurable: true, writable: true }
  Reflect.defineProperty(object, INSPECT, { ...hidden, value: show })
  Reflect.defineProperty(object, 'toJSON', { ...hidden, value: nothing })
}

/**
 * For an object of one request. By assignment, which is twenty times as fast: every request is
 * hidden.
 *
 * @internal
 */
export function hide(object: object): void {
  if (isHidden(object) || !Object.isExtensible(object)) return
  const hidden = object as { [INSPECT]?: unknown; toJSON?: unknown }
  hidden[INSPECT] = show
  hidden.toJSON = nothing
}

/** @internal */
export function isHidden(object: object): boolean {
  return (object as { [INSPECT]?: unknown })[INSPECT] === show
}
