/** What is installed: under which licences, and whether anybody knows of a weakness in it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { AUDIT, verdictOf } from './audit.js'
import { licenceFlaws, type Lock } from './licences.js'

const OURS = 'package-lock.json'

/** Ours, and those of the private packages that hold what only our tests, examples and docs need. */
const tracked = spawnSync('git', ['ls-files', '*package-lock.json'], { encoding: 'utf8' })
const locks = tracked.stdout.split('\n').filter(Boolean)
if (!locks.includes(OURS)) throw new Error('The package-lock.json files are listed by Git')
const flaws = locks.flatMap((path) => {
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock
  const found = licenceFlaws(lock, path === OURS ? 'users' : 'tools')
  console.log(
    `licences in ${path}: ${Object.keys(lock.packages).length - 1} packages, ${found.length} unknown`,
  )
  return found
})

const audit = spawnSync('npm', AUDIT, {
  encoding: 'utf8',
  timeout: 60_000,
  shell: process.platform === 'win32', // npm is a script there
})
const verdict = verdictOf(audit.stdout ?? '')
if (verdict.known) flaws.push(...verdict.flaws)
if (verdict.known) console.log(`audit: ${verdict.flaws.length} known`)
else {
  console.warn(
    `audit: NOT DONE, so nobody knows whether what users install has a known vulnerability (${verdict.why}). Before a release, run npm run check:dependencies where the registry has advisories`,
  )
}

for (const flaw of flaws) console.error(flaw)
process.exitCode = flaws.length > 0 ? 1 : 0
