/** What `npm audit --json` says of what users install. */
export type Verdict =
  | { readonly known: true; readonly flaws: readonly string[] }
  /** The registry did not answer, or has no advisories: that says nothing about us. */
  | { readonly known: false; readonly why: string }

interface Report {
  readonly message?: string
  readonly vulnerabilities?: Readonly<Record<string, { severity: string; range: string }>>
}

export function verdictOf(output: string): Verdict {
  let report: Report
  try {
    report = JSON.parse(output) as Report
  } catch {
    return { known: false, why: 'npm audit gave no report' }
  }
  const { vulnerabilities, message = 'npm audit gave another report' } = report
  if (!vulnerabilities) return { known: false, why: message.replace(/\s+/g, ' ').slice(0, 200) }
  const flaws = Object.entries(vulnerabilities).map(
    ([name, { severity, range }]) => `${name} ${range}: ${severity}`,
  )
  return { known: true, flaws }
}
