import cookies from '@fastify/cookie'
import forms from '@fastify/formbody'
import { fastify, LogController, type FastifyInstance } from 'fastify'
import { addAccount } from './account.js'
import { watch } from './activity.js'
import { addAssets } from './assets.js'
import type { Configuration } from './configuration.js'
import { addFailures } from './failures.js'
import { createLoginAttempts } from './login-attempts.js'
import { addLogin } from './login.js'
import { addLogout } from './logout.js'
import { addSecurityHeaders } from './security-headers.js'
import { createSessions } from './sessions.js'
import type { State } from './state.js'
import { createTokens } from './tokens.js'

/** The app, not listening yet. `app.close()` ends it, and the state that it was given. */
export async function createApp(
  configuration: Configuration,
  state: State,
): Promise<FastifyInstance> {
  const tokens = createTokens(configuration, state)
  const sessions = createSessions(state, configuration.origin)
  const attempts = createLoginAttempts(state, configuration.origin)

  const app = fastify({
    logger: { level: configuration.logLevel },
    // The callback's URL has the code in it.
    logController: new LogController({ disableRequestLogging: true }),
  })
  await app.register(cookies)
  await app.register(forms)
  addSecurityHeaders(app, configuration)
  addFailures(app, sessions)
  addAccount(app, configuration, { tokens, sessions, activity: watch(tokens, app.log) })
  addLogin(app, configuration, tokens, attempts, sessions)
  addLogout(app, configuration, tokens, sessions)
  addAssets(app)

  // When the last request was answered: first the refreshes in flight, then what they are saved in.
  app.addHook('onClose', async () => {
    await tokens.pool.close()
    await state.close()
  })
  return app
}
