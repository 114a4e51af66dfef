declare global {
  // For users whose `lib` is older: merged with its own, as those of the types of Node.js are.
  interface SymbolConstructor {
    readonly dispose: unique symbol
    readonly asyncDispose: unique symbol
  }
  interface Disposable {
    [Symbol.dispose](): void
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>
  }
}

/** What `using` ends. */
export interface Disposing {
  [Symbol.dispose](): void
}

/** What `await using` ends. */
export interface Closing {
  [Symbol.asyncDispose](): Promise<void>
}
