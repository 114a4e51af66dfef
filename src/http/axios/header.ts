/** The value of a header, in whatever case it is named: no name is made a text of its own for that. */
export function headerIn(headers: object, header: string): unknown {
  for (const name of Object.keys(headers)) {
    if (name.length === header.length && name.toLowerCase() === header.toLowerCase()) {
      return (headers as Record<string, unknown>)[name]
    }
  }
  return undefined
}
