// As much of the frameworks' own types as the recipes use: hundreds of packages would come with them.

declare module 'next/headers' {
  export function cookies(): Promise<{
    get(name: string): { value: string } | undefined
    toString(): string
  }>
}

declare module 'next/navigation' {
  export function redirect(path: string): never
}
