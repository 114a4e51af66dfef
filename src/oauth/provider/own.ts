/** With its own members alone: what someone puts on all objects is no part of a description. @internal */
export function own<T extends object>(object: T): T {
  return { __proto__: null, ...object }
}
