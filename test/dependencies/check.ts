/** What is installed: under which licences, and whether anybody knows of a weakness in it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { verdictOf } from './audit.js'
import { licenceFlaws, type Lock } from './licences.js'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock
const flaws = licenceFlaws(lock)
console.log(`licences: ${Object.keys(lock.packages).length - 1} packages, ${flaws.length} unknown`)

const limits = ['--fetch-retries=0', '--fetch-timeout=20000']
const audit = spawnSync('npm', ['audit', '--omit=dev', '--json', ...limits], {
  encoding: 'utf8',
  timeout: 60_000,
  shell: process.platform === 'win32', // npm is a script there
})
const verdict = verdictOf(audit.stdout ?? '')
if (verdict.known) flaws.push(...verdict.flaws)
console.log(
  verdict.known ? `audit: ${verdict.flaws.length} known` : `audit: skipped, ${verdict.why}`,
)

for (const flaw of flaws) console.error(flaw)
process.exitCode = flaws.length > 0 ? 1 : 0
