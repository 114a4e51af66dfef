import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { RECIPES } from './program.js'

/** What a framework's own tool builds must lie below the lock file: not where other projects are. */
const BUILT = join(RECIPES, '.built')
const SHARED = ['settings', 'kept', 'sessions', 'back-channel', 'login']
const PACKAGES = ['tokenward', 'jwt-decode', 'lru-cache', 'mitt', 'oauth4webapi']

/** A user's project for a framework that builds: the packed package and the files of the page. */
export class BuiltApp {
  readonly folder: string

  /** @param lib - where the page says that the files of all recipes are to be */
  constructor(framework: string, lib: string, name = framework) {
    this.folder = join(BUILT, name)
    rmSync(this.folder, { recursive: true, force: true })
    cpSync(join(RECIPES, framework), this.folder, { recursive: true })
    for (const file of SHARED) cpSync(join(RECIPES, 'src', `${file}.ts`), this.path(lib, `${file}.ts`)) // prettier-ignore
    mkdirSync(this.path('node_modules'))
    for (const name of PACKAGES) {
      cpSync(join(inject('full'), 'node_modules', name), this.path('node_modules', name), { recursive: true }) // prettier-ignore
    }
  }

  edit(file: string, change: (text: string) => string): void {
    writeFileSync(this.path(file), change(readFileSync(this.path(file), 'utf8')))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }
}
