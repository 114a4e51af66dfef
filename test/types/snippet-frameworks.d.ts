// As much of the frameworks' own types as the recipes use: hundreds of packages would come with them.

declare module 'express' {
  export interface Request {
    readonly query: Record<string, unknown>
    readonly originalUrl: string
    readonly signedCookies: Record<string, string | undefined>
  }
  export interface Response {
    cookie(name: string, value: string, options: object): this
    clearCookie(name: string, options: object): this
    status(status: number): this
    set(name: string, value: string): this
    json(body: unknown): this
    send(body: string): this
    redirect(url: string): void
    readonly headersSent: boolean
  }
  export type Next = (error?: unknown) => void
  type Handler = (request: Request, response: Response) => unknown
  type ErrorHandler = (error: unknown, request: Request, response: Response, next: Next) => unknown
  export interface Express {
    get(path: string, handler: Handler): this
    post(path: string, handler: Handler): this
    use(handler: ErrorHandler): this
    listen(port: number): { close(done: () => void): void }
  }
}

declare module 'next/headers' {
  export function cookies(): Promise<{ get(name: string): { value: string } | undefined }>
}

declare module 'next/navigation' {
  export function redirect(path: string): never
}

declare module '@nestjs/common' {
  export interface ArgumentsHost {
    switchToHttp(): { getResponse<T>(): T }
  }
  export interface ExceptionFilter {
    catch(exception: unknown, host: ArgumentsHost): unknown
  }
  export interface OnApplicationShutdown {
    onApplicationShutdown(): unknown
  }
  type Decorator = (target: object, context: ClassDecoratorContext) => void
  export function Injectable(): Decorator
  export function Catch(...exceptions: unknown[]): Decorator
}
