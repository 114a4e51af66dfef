import { run, type Result } from './run.js'

/**
 * The same failure with as little as possible that is not plain: decisions are taken away in ever
 * smaller parts, as long as the same law stays broken (Zeller's delta debugging, over the names of
 * the decisions).
 */
export function shrink(code: string, failed: Result): Result {
  const law = failed.broken!.law
  const stillFails = (names: readonly string[]) => {
    const result = run(code, failed.seed, { allowed: new Set(names) })
    return result.broken?.law === law ? result : undefined
  }
  let best: readonly string[] = failed.taken
  for (let parts = 2; ;) {
    const size = Math.ceil(best.length / parts)
    let isSmaller = false
    for (let begin = 0; begin < best.length; begin += size) {
      const result = stillFails([...best.slice(0, begin), ...best.slice(begin + size)])
      if (!result || result.taken.length >= best.length) continue
      best = result.taken // only what was still asked for
      isSmaller = true
      begin -= size
    }
    if (size === 1 && !isSmaller) break
    if (!isSmaller || size > 1) parts = Math.min(Math.max(parts * 2, 2), Math.max(best.length, 1))
    if (best.length === 0) break
  }
  return run(code, failed.seed, { allowed: new Set(best), isTold: true })
}
