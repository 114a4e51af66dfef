import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BuiltApp } from './built-app.js'
import { RECIPES, runProgram, type Program } from './program.js'

const NEXT = join(RECIPES, 'node_modules/next/dist/bin/next')
/** Nothing is there, as where an image is built. */
const NO_REDIS = { REDIS_URL: 'redis://127.0.0.1:1', NEXT_TELEMETRY_DISABLED: '1' }

export class NextApp extends BuiltApp {
  constructor(name: string) {
    super('next', 'lib', name)
    writeFileSync(this.path('package.json'), JSON.stringify({ private: true, type: 'module' }))
    for (const file of readdirSync(this.path('lib'))) {
      this.edit(`lib/${file}`, (text) => text.replaceAll(/\.js'$/gm, "'")) // the page's `sed`
    }
  }

  /** @throws what it prints, if it fails; there is no Redis */
  async build(environment: Record<string, string>): Promise<void> {
    await runProgram(NEXT, ['build'], { ...environment, ...NO_REDIS }, this.folder)
  }

  program(command: 'start' | 'dev'): Program {
    const args = (port: number) => [command, '-H', '127.0.0.1', '-p', String(port)]
    return { file: NEXT, args, folder: this.folder }
  }
}
