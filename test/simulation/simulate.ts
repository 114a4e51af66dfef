import { bundleCore } from './core-bundle.js'
import { run } from './run.js'

const args = process.argv.slice(2)
const value = (name: string, otherwise: string) => {
  const index = args.indexOf(`--${name}`)
  return index < 0 ? otherwise : args[index + 1]!
}
const code = await bundleCore([], value('source', undefined as unknown as string) ?? undefined)
setImmediate(() => {
  const from = Number(value('from', '1'))
  const seeds = Number(value('seeds', '1000'))
  const t = Date.now()
  const laws = new Map<string, number[]>()
  let steps = 0
  for (let s = from; s < from + seeds; s++) {
    const r = run(code, s, { isTold: seeds === 1 })
    steps += r.steps
    if (seeds === 1) for (const l of r.lines) console.log(String(l.at).padStart(8), l.text)
    if (r.broken) laws.set(r.broken.law, [...(laws.get(r.broken.law) ?? []), s])
  }
  const ms = Date.now() - t
  console.log(seeds, 'runs', ms, 'ms', Math.round(seeds/ms*1000), 'runs/s', Math.round(steps/seeds), 'steps a run')
  for (const [l, s] of laws) console.log(l, s.length, s.slice(0, 8).join(' '))
})
