import { createRequest, sendResponse } from '@remix-run/node-fetch-server'
import express, { type ErrorRequestHandler } from 'express'
import { handleAuth } from './login.js'
import { homePage } from './page.js'
import { answerTo, close, connect } from './sessions.js'

async function main(): Promise<void> {
  await connect()
  const app = express()
  app.disable('x-powered-by')

  app.all('/auth/*path', async (request, response) => {
    await sendResponse(response, await handleAuth(createRequest(request, response)))
  })

  app.get('/', async (request, response) => {
    response.send(await homePage(request.headers.cookie))
  })

  const onError: ErrorRequestHandler = async (error, request, response, next) => {
    const known = answerTo(error, createRequest(request, response))
    if (!known || response.headersSent) return next(error)
    await sendResponse(response, known)
  }
  app.use(onError)

  const server = app.listen(Number(process.env.PORT), '127.0.0.1')
  process.once('SIGTERM', () => {
    server.keepAliveTimeout = 1 // a browser that is being answered now keeps no connection
    server.close(() => void close())
  })
}

void main()
