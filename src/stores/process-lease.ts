import { createMutex } from './mutex.js'
import type { TokenStore } from './token-store.js'

/**
 * A lease among all that share this function: those of one process, in the order in which they came.
 *
 * @internal
 */
export function processLease(): NonNullable<TokenStore['exclusive']> {
  const oneAtATime = createMutex()
  return (task) =>
    oneAtATime.run(async () => {
      let isHeld = true
      try {
        return await task({ isHeld: () => isHeld })
      } finally {
        isHeld = false
      }
    })
}
