import { createRequest } from '@remix-run/node-fetch-server'
import { fastify } from 'fastify'
import { handleAuth } from './login.js'
import { homePage } from './page.js'
import { answerTo, close, connect } from './sessions.js'

async function main(): Promise<void> {
  await connect()
  const app = fastify()

  // `handleAuth` reads its forms itself.
  app.addContentTypeParser('application/x-www-form-urlencoded', (_request, _body, done) => {
    done(null)
  })
  app.all('/auth/*', async (request, reply) =>
    reply.send(await handleAuth(createRequest(request.raw, reply.raw))),
  )

  app.get('/', async (request, reply) =>
    reply.type('text/html; charset=utf-8').send(await homePage(request.headers.cookie)),
  )

  app.setErrorHandler((error, request, reply) => {
    const known = answerTo(error, createRequest(request.raw, reply.raw))
    if (!known) throw error
    return reply.send(known)
  })

  app.addHook('onClose', close) // after the last request was answered
  process.once('SIGTERM', () => {
    app.server.keepAliveTimeout = 1 // 72 s of Fastify's own, for a browser that is being answered now
    void app.close()
  })
  await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
}

void main()
