const underWay = new Set<() => void>()

/**
 * Does something that `process.exit()` of anyone would cut off. Then `finishNow` is called in its
 * place, on the way out, where nothing can be waited for.
 *
 * @internal
 */
export async function finishedAtExit<T>(finishNow: () => void, act: () => Promise<T>): Promise<T> {
  if (underWay.size === 0) process.on('exit', finishAll)
  underWay.add(finishNow)
  try {
    return await act()
  } finally {
    underWay.delete(finishNow)
    if (underWay.size === 0) process.off('exit', finishAll)
  }
}

function finishAll(): void {
  for (const finishNow of underWay) {
    try {
      finishNow()
    } catch {
      // The process ends: there is nobody to tell.
    }
  }
}
