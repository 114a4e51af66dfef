/** What a full collection makes of compiled code (its shapes are weak) is over after so many rounds. */
const ROUNDS_AFTER_COLLECTING = 3

/**
 * What each task allocates, in bytes. Wants a heap in which nothing is collected meanwhile: run with
 * `--expose-gc --min-semi-space-size=512 --max-semi-space-size=512`.
 *
 * @throws Error where the garbage collector cannot be called
 */
export async function allocatedBy<Name extends string>(
  tasks: Record<Name, () => unknown>,
): Promise<Record<Name, number>> {
  const bytes: [string, number][] = []
  for (const [name, task] of Object.entries<() => unknown>(tasks)) {
    await task()
    collect()
    for (let round = 0; round < ROUNDS_AFTER_COLLECTING; round += 1) await task()
    const before = process.memoryUsage().heapUsed
    await task()
    bytes.push([name, process.memoryUsage().heapUsed - before])
  }
  return Object.fromEntries(bytes) as Record<Name, number>
}

/** Collects all that is garbage, and what only finalizers were still waiting for. */
export function collect(): void {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
}
