import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { RECIPES, runProgram, type Program } from './program.js'

/** What Turbopack bundles must lie below the folder of the lock file: not where other projects are. */
const BUILT = join(RECIPES, '.built')
const NEXT = join(RECIPES, 'node_modules/next/dist/bin/next')
const COPIED = ['settings', 'kept', 'sessions', 'back-channel', 'login']
const PACKAGES = ['tokenward', 'jwt-decode', 'lru-cache', 'mitt', 'oauth4webapi']
/** Nothing is there, as where an image is built. */
const NO_REDIS = { REDIS_URL: 'redis://127.0.0.1:1', NEXT_TELEMETRY_DISABLED: '1' }

/** A user's project for Next.js: the packed package and the files as the page prints them. */
export class NextApp {
  readonly folder: string

  constructor(name: string) {
    this.folder = join(BUILT, name)
    rmSync(this.folder, { recursive: true, force: true })
    cpSync(join(RECIPES, 'next'), this.folder, { recursive: true })
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ private: true, type: 'module' })) // prettier-ignore
    for (const name of COPIED) cpSync(join(RECIPES, 'src', `${name}.ts`), this.path('lib', `${name}.ts`)) // prettier-ignore
    for (const file of readdirSync(this.path('lib'))) {
      this.edit(`lib/${file}`, (text) => text.replaceAll(/\.js'$/gm, "'")) // the page's `sed`
    }
    mkdirSync(this.path('node_modules'))
    for (const name of PACKAGES) {
      cpSync(join(inject('full'), 'node_modules', name), this.path('node_modules', name), { recursive: true }) // prettier-ignore
    }
  }

  edit(file: string, change: (text: string) => string): void {
    writeFileSync(this.path(file), change(readFileSync(this.path(file), 'utf8')))
  }

  /** @throws what it prints, if it fails; there is no Redis */
  async build(environment: Record<string, string>): Promise<void> {
    await runProgram(NEXT, ['build'], { ...environment, ...NO_REDIS }, this.folder)
  }

  program(command: 'start' | 'dev'): Program {
    const args = (port: number) => [command, '-H', '127.0.0.1', '-p', String(port)]
    return { file: NEXT, args, folder: this.folder }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }
}
