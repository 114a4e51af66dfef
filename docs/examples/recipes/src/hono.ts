import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { handleAuth } from './login.js'
import { homePage } from './page.js'
import { answerTo, close, connect } from './sessions.js'

async function main(): Promise<void> {
  await connect()
  const app = new Hono()

  app.all('/auth/*', (context) => handleAuth(context.req.raw))

  app.get('/', async (context) => context.html(await homePage(context.req.header('cookie'))))

  app.onError((error, context) => {
    const known = answerTo(error, context.req.raw)
    if (!known) throw error
    return known
  })

  const server = serve({
    fetch: app.fetch,
    port: Number(process.env.PORT),
    hostname: '127.0.0.1',
  }) as Server
  process.once('SIGTERM', () => {
    server.keepAliveTimeout = 1 // a browser that is being answered now keeps no connection
    server.close(() => void close())
  })
}

void main()
