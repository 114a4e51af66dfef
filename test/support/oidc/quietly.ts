/**
 * Runs the task without the notices that oidc-provider prints where it is not set up for production.
 * All else that is printed meanwhile is printed.
 */
export async function quietly<T>(task: () => Promise<T>): Promise<T> {
  const { info, warn } = console
  console.info = unlessNotice(info)
  console.warn = unlessNotice(warn)
  try {
    return await task()
  } finally {
    console.info = info
    console.warn = warn
  }
}

function unlessNotice(print: typeof console.info): typeof console.info {
  return (...parts: unknown[]) => {
    if (!/oidc-provider (?:NOTICE|WARNING):/.test(String(parts[0]))) print(...parts)
  }
}
