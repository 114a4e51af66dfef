/** What an act counts. */
export interface Figures {
  /** Requests that the app made; a replay is none. */
  requests: number
  /** Requests that failed for the app, by what it caught. */
  failures: Record<string, number>
  /** Refreshes that arrived at the token endpoint. */
  tokenRequests: number
  /** Refresh tokens that arrived there a second time. */
  reuse: number
  /** 401s that the API answered. */
  rejections: number
  /** What counts in this act only, by its name. */
  more: Record<string, number>
}

/** What the figures of an act must be; `requests` may be as many as it took. */
export type Expected = Omit<Figures, 'requests' | 'reuse' | 'more'> &
  Partial<Pick<Figures, 'requests' | 'more'>>

/** @returns a line for each figure that is not as it should be */
export function deviations(figures: Figures, expected: Expected): string[] {
  const wanted = named({ requests: figures.requests, more: {}, reuse: 0, ...expected })
  const found = named(figures)
  return Object.keys({ ...wanted, ...found })
    .filter((name) => wanted[name] !== found[name])
    .map((name) => `${name}: ${found[name] ?? NONE}, should be ${wanted[name] ?? NONE}`)
}

const NONE = 'not counted'

/** The figures in one line, in columns. */
export function row({ requests, failures, tokenRequests, reuse, rejections }: Figures): string {
  const columns: [name: string, value: number, width: number][] = [
    ['requests', requests, 4],
    ['failures', total(failures), 4],
    ['token requests', tokenRequests, 2],
    ['reuse', reuse, 1],
    ['401s at the API', rejections, 4],
  ]
  return columns
    .map(([name, value, width]) => `${name} ${String(value).padStart(width)}`)
    .join('  ')
}

/** Such as `20 × RefreshUnavailableError`. */
export function describeFailures(failures: Record<string, number>): string {
  const kinds = Object.entries(failures).sort(([one], [other]) => one.localeCompare(other))
  return kinds.map(([kind, count]) => `${count} × ${kind}`).join(', ') || 'none'
}

function named({ requests, failures, tokenRequests, reuse, rejections, more }: Figures) {
  const figures: Record<string, string | number> = {
    requests,
    failures: describeFailures(failures),
    'token requests': tokenRequests,
    reuse,
    '401s at the API': rejections,
    ...more,
  }
  return figures
}

function total(failures: Record<string, number>): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0)
}
