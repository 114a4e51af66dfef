/** The part that is used: the package brings no types. */
declare module 'fs-native-extensions' {
  /** `false`: another has it. Held until the descriptor is closed, or its process has ended. */
  export function tryLock(fd: number): boolean
}
