/** What `npm audit --json` says of what users install. */
export type Verdict =
  | { readonly known: true; readonly flaws: readonly string[] }
  /** The registry did not answer, or has no advisories: that says nothing about us. */
  | { readonly known: false; readonly why: string }

interface Report {
  readonly message?: string
  readonly vulnerabilities?: Readonly<Record<string, { severity: string; range: string }>>
  readonly error?: { readonly code?: string; readonly summary?: string }
}

/** Whatever the user's own configuration says: offline, npm finds nothing without having asked. */
export const AUDIT = ['audit', '--omit=dev', '--json', '--no-offline', '--fetch-retries=0', '--fetch-timeout=20000'] // prettier-ignore

export function verdictOf(output: string): Verdict {
  let report: Report
  try {
    report = JSON.parse(output) as Report
  } catch {
    return { known: false, why: 'npm audit gave no report' }
  }
  const { vulnerabilities, error, message = 'npm audit gave another report' } = report
  // No registry mends what is wrong here, such as a missing lock file.
  if (error?.code?.includes('LOCK')) return { known: true, flaws: [`npm audit: ${inOneLine(error.summary)}`] } // prettier-ignore
  if (!vulnerabilities) return { known: false, why: inOneLine(error?.summary || message) }
  const flaws = Object.entries(vulnerabilities).map(
    ([name, { severity, range }]) => `${name} ${range}: ${severity}`,
  )
  return { known: true, flaws }
}

function inOneLine(text = ''): string {
  return text.replace(/\s+/g, ' ').slice(0, 200)
}
