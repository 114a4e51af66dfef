import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'corpus')

/** An input that is worth playing again, and what it is called. */
export interface Entry {
  readonly name: string
  readonly text: string
}

export function corpusOf(target: string): Entry[] {
  const folder = join(FOLDER, target)
  const names = readdirSync(folder).sort()
  return names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
}

/** Keeps an input that has found something. @returns its path */
export function keep(target: string, text: string): string {
  const name = `found-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`
  const path = join(FOLDER, target, name)
  mkdirSync(join(FOLDER, target), { recursive: true })
  writeFileSync(path, text)
  return path
}
