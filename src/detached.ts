/** Runs a task in some asynchronous context. */
export type RunIn = <T>(task: () => T) => T

/**
 * Runs the task outside the asynchronous context of whoever calls: what many requests share must
 * not keep one request's context (its user, its transaction, its span) for as long as it lives.
 * The context is that of the import, which belongs to no request.
 *
 * @internal
 */
export function runDetached<T>(task: () => T): T {
  return outside(task)
}

/** The asynchronous context of whoever calls, to run something in it later. @internal */
export function captureContext(): RunIn {
  return storage()?.snapshot?.() ?? ((task) => task())
}

/** No import: the core runs where there is no such module. */
function storage(): { snapshot?: () => RunIn } | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown }
  }
  const hooks = process?.getBuiltinModule?.('async_hooks') as
    { AsyncLocalStorage?: { snapshot?: () => RunIn } } | undefined
  return hooks?.AsyncLocalStorage
}

const outside = captureContext()
