import 'reflect-metadata'
import type { Server } from 'node:http'
import {
  All,
  Catch,
  Controller,
  Get,
  Header,
  Headers,
  Module,
  Req,
  Res,
  type ArgumentsHost,
  type OnApplicationShutdown,
} from '@nestjs/common'
import { BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core'
import { createRequest, sendResponse } from '@remix-run/node-fetch-server'
import type { Request, Response } from 'express'
import { handleAuth } from './login.js'
import { homePage } from './page.js'
import { answerTo, close, connect } from './sessions.js'

@Controller()
class AppController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  home(@Headers('cookie') cookies?: string): Promise<string> {
    return homePage(cookies)
  }

  @All('auth/*path')
  async auth(@Req() request: Request, @Res() response: Response): Promise<void> {
    await sendResponse(response, await handleAuth(createRequest(request, response)))
  }
}

/** What is no error of a session goes on to Nest's own filter. */
@Catch()
class SessionFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const response = http.getResponse<Response>()
    const known = answerTo(error, createRequest(http.getRequest<Request>(), response))
    if (!known || response.headersSent) return super.catch(error, host)
    void sendResponse(response, known)
  }
}

@Module({ controllers: [AppController] })
class AppModule implements OnApplicationShutdown {
  onApplicationShutdown(): Promise<void> {
    return close() // after the last request was answered
  }
}

async function main(): Promise<void> {
  await connect()
  // `handleAuth` reads its forms itself.
  const app = await NestFactory.create(AppModule, { bodyParser: false })
  app.useGlobalFilters(new SessionFilter(app.get(HttpAdapterHost).httpAdapter))
  app.enableShutdownHooks()
  const server = (await app.listen(Number(process.env.PORT), '127.0.0.1')) as Server
  // A browser that is being answered now keeps no connection.
  process.once('SIGTERM', () => (server.keepAliveTimeout = 1))
}

void main()
