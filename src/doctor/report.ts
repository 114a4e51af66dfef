/** What one look brought to light, in a sentence without secrets. */
export interface Finding {
  readonly about: 'preset' | 'metadata' | 'client' | 'clock' | 'session' | 'machine'
  /** `problem`: something that should be fixed. `note`: something to know. */
  readonly verdict: 'good' | 'note' | 'problem'
  readonly text: string
}

/** What `--json` prints. */
export interface Report {
  readonly subject: string
  readonly findings: readonly Finding[]
}

const MARKS: Readonly<Record<Finding['verdict'], string>> = { good: '✓', note: '·', problem: '✗' }

/** The report in sentences, a line each. */
export function inSentences({ subject, findings }: Report): string {
  const lines = findings.map(({ about, verdict, text }) => `${MARKS[verdict]} ${about}: ${text}`)
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length
  const end = problems === 0 ? 'No problem was found.' : `Problems: ${problems}.`
  return [`tokenward doctor: ${subject}`, '', ...lines, '', end, ''].join('\n')
}

export function hasProblem({ findings }: Report): boolean {
  return findings.some(({ verdict }) => verdict === 'problem')
}
