import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inject } from 'vitest'

/** A user's project, beside the packed package and its peers. @returns its folder */
export function project(
  name: string,
  type: 'module' | 'commonjs',
  files: Record<string, string>,
): string {
  const folder = join(inject('full'), name)
  mkdirSync(folder, { recursive: true }) // it is there when it is tried again
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
  return folder
}

export interface Outcome {
  readonly code: number
  /** Standard output and standard error, one after the other. */
  readonly output: string
}

/** Runs a program of Node.js's in a user's project. */
export function runIn(folder: string, ...args: string[]): Promise<Outcome> {
  const env = { ...process.env, NODE_ENV: 'test', NODE_OPTIONS: '' }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr })
    })
  })
}

/** Where a tool of this folder's own `package.json` lies. */
export const toolPath = createRequire(import.meta.url).resolve
