import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, it } from 'vitest'
import { project, runIn, toolPath } from './support/project.js'

const CLIENTS = fileURLToPath(new URL('../clients/node_modules', import.meta.url))
const hasClients = existsSync(CLIENTS) || process.env.TOKENWARD_REQUIRE_ALL !== undefined
const why = hasClients ? '' : ' (needs: npm ci --prefix test/clients)'

/** What Nest's own projects are made with, as of Nest 11; that resolution knows no `exports`. */
const NEST = {
  module: 'CommonJS',
  moduleResolution: 'Node10',
  target: 'ES2022',
  strict: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  types: ['node'],
  // The packages of `test/clients` are links here: what they import is to be found from here.
  preserveSymlinks: true,
}

const PROGRAM = `
import { HttpModule, HttpService } from '@nestjs/axios'
import { Injectable, Module, type OnModuleInit } from '@nestjs/common'
import { firstValueFrom } from 'rxjs'
import { fixedToken, TokenManager, tokenErrorOf, type TokenSource } from 'tokenward'
import { attachTokens, detachTokens, type AttachTokensOptions } from 'tokenward/axios'
import { oauthClient } from 'tokenward/oauth'

const oauth = oauthClient({ issuer: 'https://auth.example.com', clientId: 'web' })
const tokens = new TokenManager({ refresh: oauth.refreshToken() })
const options: AttachTokensOptions = { origins: ['https://api.example.com'] }

@Injectable()
export class Api implements OnModuleInit {
  constructor(private readonly http: HttpService) {}

  onModuleInit(): void {
    attachTokens(this.http.axiosRef, tokens, options)
  }

  async me(source: TokenSource = fixedToken('of-another-user')): Promise<string | undefined> {
    const answer = this.http.get<{ name: string }>('https://api.example.com/me', { tokens: source })
    try {
      return (await firstValueFrom(answer)).data.name
    } catch (error) {
      return tokenErrorOf(error)?.code
    }
  }

  /** Without a token of anybody's. */
  post(form: object) {
    return firstValueFrom(this.http.post<void>('https://api.example.com/login', form, { tokens: false }))
  }

  onModuleDestroy(): HttpService['axiosRef'] {
    return detachTokens(this.http.axiosRef)
  }
}

@Module({ imports: [HttpModule], providers: [Api], exports: [Api] })
export class ApiModule {}

// @ts-expect-error: it is no source of tokens
attachTokens(new HttpService().axiosRef, 'a token')
`

describe.skipIf(!hasClients)(`@nestjs/axios in a CommonJS project${why}`, () => {
  it.each([false, true])('has its types and ours; skipLibCheck: %s', async (skipLibCheck) => {
    const compilerOptions = { ...NEST, skipLibCheck, noEmit: true }
    const folder = project(`nest-axios-${skipLibCheck}`, 'commonjs', {
      'program.ts': PROGRAM,
      'tsconfig.json': JSON.stringify({ compilerOptions }),
    })
    for (const name of ['@nestjs/axios', '@nestjs/common', 'reflect-metadata', 'rxjs']) {
      link(join(CLIENTS, name), join(folder, 'node_modules', name))
    }
    expect(existsSync(join(inject('full'), 'node_modules/axios'))).toBe(true)
    const compiler = toolPath('typescript/lib/tsc.js')
    expect(await runIn(folder, compiler, '-p', '.')).toEqual({ code: 0, output: '' })
  })
})

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path)) symlinkSync(target, path, 'junction')
}
