// As much of the frameworks' own types as the recipes use: hundreds of packages would come with them.

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
