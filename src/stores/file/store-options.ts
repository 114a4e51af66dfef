import { TokenOptionsError } from '../../errors.js'

/**
 * @throws TokenOptionsError for what is no object, or an option that is unknown
 * @internal
 */
export function assertStoreOptions(
  owner: string,
  options: unknown,
  known: readonly string[],
): asserts options is object {
  if (typeof options !== 'object' || options === null) {
    const given = options === null ? 'null' : typeof options
    throw new TokenOptionsError(`${owner}: options wanted (${known.join(', ')}), got ${given}`)
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new TokenOptionsError(
    `${owner}: unknown option \`${unknown}\`, known are ${known.join(', ')}`,
  )
}
