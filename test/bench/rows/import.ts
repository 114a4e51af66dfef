import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { interleave } from '../measure/interleave.ts'
import { ALL } from '../peers/all.ts'
import { type Figure, type Row, round, show } from '../row.ts'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const ROUNDS = 20

const CORE = "import '../../dist/index.js'"
const ADAPTER = "import '../../dist/axios.js'"
const AXIOS = "import 'axios'"
const EMPTY = 'an empty script'
const CORE_AND_ADAPTER = 'tokenward and tokenward/axios'

/** How long a process lives that does nothing but import. */
function lifetimeOf(script: string): number {
  const from = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd: HERE })
  if (status !== 0) throw new Error(`${script}: ${stderr.toString()}`)
  return performance.now() - from
}

/** Cold start of a script that imports it. */
export async function imports(): Promise<Row> {
  const packages = ALL.flatMap((peer) => peer.package ?? [])
  const scripts = {
    [EMPTY]: '',
    axios: AXIOS,
    tokenward: CORE,
    [CORE_AND_ADAPTER]: `${AXIOS}\n${CORE}\n${ADAPTER}`,
    ...Object.fromEntries(packages.map((name) => [name, `import '${name}'`])),
  }
  const folder = mkdtempSync(join(HERE, '.import-'))
  try {
    const rounds = Object.entries(scripts).map(([name, code], index) => {
      const script = join(folder, `${index}.mjs`)
      writeFileSync(script, code.replaceAll('../../dist', '../../../dist'))
      return [name, () => lifetimeOf(script)] as const
    })
    return rowOf(await interleave(Object.fromEntries(rounds), ROUNDS))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function rowOf(lives: Awaited<ReturnType<typeof interleave>>): Row {
  const ofAxios = lives[CORE_AND_ADAPTER]!.value.median / lives.axios!.value.median
  const figures = Object.entries(lives).map(([contender, { ratio, value }]): Figure => ({
    of: `a process / ${EMPTY}`,
    contender,
    shown: `${show(ratio, '×')}, ${round(value.median)} ms`,
  }))
  figures.push({
    of: 'a process / one that imports axios',
    contender: CORE_AND_ADAPTER,
    shown: `${round(ofAxios)} ×`,
  })
  return {
    name: 'import',
    how: `a fresh process each time, ${ROUNDS} of each`,
    goals: [
      { of: `the core / ${EMPTY}`, ours: lives.tokenward!.ratio.median, atMost: 1.2, unit: '×' },
      { of: 'core and axios adapter / axios alone', ours: ofAxios, atMost: 1.05, unit: '×' },
    ],
    figures,
  }
}
