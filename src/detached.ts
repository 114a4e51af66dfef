type Run = <T>(task: () => T) => T

/**
 * Runs the task outside the asynchronous context of whoever calls: what many requests share must
 * not keep one request's context (its user, its transaction, its span) for as long as it lives.
 * The context is that of the import, which belongs to no request.
 *
 * @internal
 */
export function runDetached<T>(task: () => T): T {
  return outside ? outside(task) : task()
}

/** No import: the core runs where there is no such module. */
const outside = (() => {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown }
  }
  const hooks = process?.getBuiltinModule?.('async_hooks') as
    { AsyncLocalStorage?: { snapshot?: () => Run } } | undefined
  return hooks?.AsyncLocalStorage?.snapshot?.()
})()
