/** What a path such as `errors.0.code` leads to; own members only. @internal */
export function valueAt(body: unknown, path: string): unknown {
  if (isObject(body) && Object.hasOwn(body, path)) return Reflect.get(body, path)
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        isObject(value) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined,
      body,
    )
}

/** What the first of the paths that leads anywhere leads to. @internal */
export function firstAt(body: unknown, paths: string | readonly string[]): unknown {
  for (const path of [paths].flat()) {
    const value = valueAt(body, path)
    if (value !== undefined && value !== null && value !== '') return value
  }
  return undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
