import { parseArgs } from 'node:util'
import { runCampaign, type Failure } from './campaign.js'
import { bundleCore } from './core-bundle.js'
import { tell } from './story.js'

/** `npm run simulate -- --seeds 100000 --from 1`: for nights. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    failures: { type: 'string', default: '20' },
    source: { type: 'string' },
  },
})

/** What a story may turn on: failures without them in common are hardly of one kind. */
const SIGNS = [
  'signOut()',
  'tokens in force',
  'the load of',
  'the save of',
  'the store fails',
  'the store never tells',
  'set back',
  'restarts empty',
  'is killed',
  'is frozen',
  'runs out',
  'loses the lease',
  'for(',
  '503',
  '429',
  'is lost',
  'never comes',
  'clock',
] as const

const from = Number(values.from)
const seeds = Number(values.seeds)
const report = await runCampaign(
  {
    code: await bundleCore([], values.source),
    from,
    seeds,
    mostFailures: Number(values.failures),
  },
  Number(values.threads),
)

const seconds = report.durationMs / 1_000
console.log(
  `Seeds ${from} to ${from + seeds - 1}: ${report.runs} runs of ${Math.round(report.steps / report.runs)} steps in ${seconds.toFixed(1)} s, ${Math.round(report.runs / seconds)} a second; ${report.failures.length} broke a law.`,
)
for (const [kind, failures] of groups(report.failures)) {
  console.log(
    `\n${'='.repeat(80)}\n${kind}: ${failures.length}, seeds ${failures
      .map(({ found }) => found.seed)
      .slice(0, 10)
      .join(', ')}\n`,
  )
  console.log(tell(failures[0]!.shrunk))
}
if (report.failures.length > 0) process.exitCode = 1

/** Failures of one kind, the shortest story first. */
function groups(failures: readonly Failure[]): Map<string, Failure[]> {
  const byKind = new Map<string, Failure[]>()
  for (const failure of failures) {
    const { law, what } = failure.shrunk.broken!
    const text = failure.shrunk.lines.map((line) => line.text).join('\n')
    const signs = SIGNS.filter((sign) => text.includes(sign)).join(', ')
    const kind = `law ${law}: ${what.replaceAll(/\d+/g, 'n').replaceAll(/alice|bob|carol/g, 'somebody')} [${signs}]`
    byKind.set(kind, [...(byKind.get(kind) ?? []), failure])
  }
  for (const group of byKind.values()) {
    group.sort((one, other) => one.shrunk.lines.length - other.shrunk.lines.length)
  }
  return byKind
}
