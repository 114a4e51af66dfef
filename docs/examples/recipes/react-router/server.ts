import { createRequestHandler } from '@react-router/express'
import express from 'express'
import * as build from 'virtual:react-router/server-build'
import { close, connect } from './app/lib/sessions.js'

async function main(): Promise<void> {
  await connect()
  const app = express()
  app.disable('x-powered-by')

  app.use(express.static('build/client'))
  app.use(createRequestHandler({ build }))

  const server = app.listen(Number(process.env.PORT), '127.0.0.1')
  process.once('SIGTERM', () => {
    server.keepAliveTimeout = 1 // a browser that is being answered now keeps no connection
    server.close(() => void close())
  })
}

void main()
