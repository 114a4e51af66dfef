import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, findProgram } from '../executable.js'

const DEBIANS = '/usr/lib/postgresql'

/** A program of Debian's package `postgresql`, which puts them beside the PATH, by version. */
export function findPostgresProgram(name: string): string | undefined {
  const versions = existsSync(DEBIANS) ? readdirSync(DEBIANS) : []
  const newestFirst = versions.sort((one, other) => Number(other) - Number(one))
  return findProgram(
    name,
    newestFirst.map((version) => join(DEBIANS, version, 'bin')),
  )
}

/** Tests against a real Postgres: without one they are skipped, or fail where all must be there. */
export function describeWithPostgres(name: string, define: () => void): void {
  const program = findPostgresProgram('postgres')
  describeWith({ program, needs: "Debian's postgresql" }, name, define)
}

export function describeWithPgBouncer(name: string, define: () => void): void {
  const program = findPostgresProgram('postgres') && findProgram('pgbouncer', ['/usr/sbin'])
  describeWith({ program, needs: "Debian's pgbouncer" }, name, define)
}
