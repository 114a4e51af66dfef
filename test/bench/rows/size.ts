import { execFileSync, type StdioOptions } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, SIZE_GOAL } from '../../package/support/bundle.js'
import { type Figure, OURS, round, type Row } from '../row.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const HERE = fileURLToPath(new URL('..', import.meta.url))
const CORE = "export * from './dist/index.js'"
const ADAPTER = "export * from './dist/axios.js'"
const SMALL_PEERS = ['axios-auth-refresh', 'axios-jwt', '@badgateway/oauth2-client']

/** What a bundle takes, and what an installation. */
export async function size(): Promise<Row> {
  const both = await bundle(`${CORE}\n${ADAPTER}`, ROOT)
  const core = await bundle(CORE, ROOT)
  const installed = installedMegabytes()
  const figures: Figure[] = [
    {
      of: 'minified and gzipped',
      contender: OURS,
      shown: `${round(both.gzipped / 1000)} kB (the core alone ${round(core.gzipped / 1000)})`,
    },
    { of: 'installed', contender: OURS, shown: `${round(installed)} MB` },
  ]
  for (const name of SMALL_PEERS) {
    const { gzipped } = await bundle(`export * from '${name}'`, HERE)
    figures.push({
      of: 'minified and gzipped',
      contender: name,
      shown: `${round(gzipped / 1000)} kB`,
    })
  }
  return {
    name: 'size',
    how: 'core, axios adapter, jwt-decode and mitt in one bundle, axios left out; installed from the packed tarball, without optional peers',
    goals: [
      {
        of: 'minified and gzipped',
        ours: both.gzipped / 1000,
        atMost: SIZE_GOAL / 1000,
        unit: 'kB',
      },
      { of: 'installed', ours: installed, atMost: 4, unit: 'MB' },
    ],
    figures,
  }
}

function installedMegabytes(): number {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-size-'))
  try {
    const packed = npm(ROOT, ['pack', '--ignore-scripts', '--pack-destination', folder])
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    npm(folder, ['install', '--omit=peer', '--omit=optional', '--ignore-scripts', `./${packed}`])
    return bytesIn(join(folder, 'node_modules')) / 1e6
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @returns what it printed */
function npm(cwd: string, command: string[]): string {
  const flags = ['--silent', '--prefer-offline', '--no-audit', '--no-fund']
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore']
  return execFileSync('npm', [...command, ...flags], { cwd, encoding: 'utf8', stdio }).trim()
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}
