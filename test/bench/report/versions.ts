import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { ALL } from '../peers/all.ts'

export interface Versions {
  /** Neither its name nor its paths. */
  machine: string
  date: string
  packages: { name: string; version: string; note?: string | undefined }[]
}

/** Why it is not the newest release. */
const NOTES: Record<string, string> = {
  'google-auth-library': 'the newest that runs on Node 20; 11 wants Node 22',
  '@azure/core-rest-pipeline': 'the newest that runs on Node 20; 1.25 wants Node 22',
  conf: 'the newest that runs on Node 20; 16 wants Node 22',
}

export function versions(): Versions {
  const peers = ALL.flatMap((peer) => peer.package ?? [])
  const ofPeers = [...peers, '@azure/msal-node-extensions', 'conf'].map((name) => ({
    name,
    version: versionAt(`../node_modules/${name}`),
    note: NOTES[name],
  }))
  return {
    machine: `${availableParallelism()} cores of ${cpus()[0]?.model.trim()}, Node.js ${process.versions.node}`,
    date: new Date().toISOString().slice(0, 10),
    packages: [
      { name: 'tokenward', version: versionAt('../../..') },
      { name: 'axios', version: versionAt('../../../node_modules/axios'), note: 'one for all' },
      ...ofPeers,
    ],
  }
}

function versionAt(folder: string): string {
  const manifest = readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
