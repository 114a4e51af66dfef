import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { BuiltApp } from './support/built-app.js'
import { describeRecipe } from './support/describe-recipe.js'
import { OF_EVERY_FRAMEWORK } from './support/every-framework.js'
import { RECIPES, runProgram, startProgram } from './support/program.js'
import { unreadBodies } from './support/steps.js'

const PRODUCTION = { NODE_ENV: 'production' }
const TOOL = join(RECIPES, 'node_modules/@react-router/dev/bin.js')

let app: BuiltApp
let environment: Record<string, string>
afterAll(() => app?.remove())

describeRecipe(
  {
    name: 'React Router',
    environment: PRODUCTION,
    program: async (given) => {
      environment = given
      app = new BuiltApp('react-router', 'app/lib')
      await runProgram(TOOL, ['build'], PRODUCTION, app.folder) // without a Redis, and without settings
      return { file: app.path('build/server/index.js'), folder: app.folder }
    },
  },
  OF_EVERY_FRAMEWORK,
  {
    'an action calls the API for the user; nobody’s action is told to log in': async (stage) => {
      const { browser } = await stage.logIn('alice')
      const asked = await browser.post('/?index', {})
      expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining('alice')])
      const refused = await stage.browser().post('/?index', {})
      expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining('<p>Please log in.</p>')]) // prettier-ignore
    },

    'what an action does not read, since nobody is logged in, keeps no connection': (stage) =>
      unreadBodies(stage, { '/?index': 401 }),

    'a click that asks the loader alone makes the browser itself go to the login': async (
      stage,
    ) => {
      const response = await stage.browser().get('/_root.data?a=1')
      const told = await response.text()
      expect(told).toContain('"/auth/login?returnTo=%2F%3Fa%3D1"')
      expect(told).toContain('"reload",true')
    },

    'in development, where its own server does not run, a page calls the API too': async (
      stage,
    ) => {
      const { browser } = await stage.logIn('alice')
      const args = (port: number) => ['dev', '--host', '127.0.0.1', '--port', String(port)]
      const program = { file: TOOL, args, folder: app.folder }
      const dev = await startProgram(program, { ...environment, NODE_ENV: 'development' })
      const page = await browser.at(dev.origin).get('/')
      dev.process.kill('SIGTERM')
      expect(page.status).toBe(200)
    },
  },
)
