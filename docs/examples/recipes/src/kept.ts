/**
 * One in a process, however often a module is loaded: Next.js loads it once for its routes and once
 * for `instrumentation.ts`, and development servers load it again after an edit.
 */
export function kept<T>(name: string, make: () => T): T {
  const all = globalThis as typeof globalThis & { kept?: Map<string, unknown> }
  all.kept ??= new Map()
  if (!all.kept.has(name)) all.kept.set(name, make())
  return all.kept.get(name) as T
}
