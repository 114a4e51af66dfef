/**
 * What tokenward does, on real sockets, against an authorization server that nobody here wrote:
 * `npm run demo`. Ends with exit code 1 if a figure is not what it should be.
 */
import { ACTS, type Act } from './acts.js'
import { describeFailures, deviations, row } from './figures.js'
import { screen } from './screen.js'
import { openStage, type Stage } from './stage.js'

const PATIENCE_MS = 60_000

let current = 'the start'

setTimeout(() => {
  screen.bad(`The demo has not ended within ${PATIENCE_MS / 1000} s: ${current}`)
  process.exit(1)
}, PATIENCE_MS).unref()

screen.title('tokenward: one session, against oidc-provider and a protected API on 127.0.0.1')
screen.plain('Each act ends with its figures; ok: each is exactly what it should be.\n')
try {
  const wrong = await perform()
  if (wrong === 0) screen.good('All figures are as they should be.')
  else screen.bad(`Figures that are not as they should be: ${wrong}`)
  process.exitCode = wrong === 0 ? 0 : 1
} catch (error) {
  screen.bad(`The demo broke, ${current}: ${error instanceof Error ? error.stack : String(error)}`)
  process.exitCode = 1
}

/** @returns how many figures are not as they should be */
async function perform(): Promise<number> {
  const stage = await openStage()
  try {
    let wrong = 0
    for (const [index, act] of ACTS.entries())
      wrong += await show('abcdef'.charAt(index), act, stage)
    return wrong
  } finally {
    await stage.close()
  }
}

async function show(letter: string, act: Act, stage: Stage): Promise<number> {
  current = `act ${letter}`
  screen.act(letter, act.title)
  await act.prepare?.(stage)
  stage.startCounting()
  await act.play(stage)

  const figures = stage.figures()
  if (Object.keys(figures.failures).length > 0) {
    screen.event(`failed: ${describeFailures(figures.failures)}`)
  }
  for (const [name, value] of Object.entries(figures.more)) screen.event(`${name}: ${value}`)
  const wrong = deviations(figures, act.expected)
  if (wrong.length === 0) screen.good(`ok  ${row(figures)}`)
  else screen.bad(`!!  ${row(figures)}`)
  for (const line of wrong) screen.bad(`!!  not as it should be: ${line}`)
  screen.plain('')
  return wrong.length
}
