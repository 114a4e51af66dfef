import { TokenOptionsError } from './errors.js'
import { dpopProver } from './http/dpop-prover.js'
import { DpopNonceCache } from './http/dpop-nonce-cache.js'
import type { TokenManagerOptions } from './options.js'
import type { TokenProver } from './token-source.js'
import { isJwk, type DpopKey } from './tokens/dpop-key.js'
import type { DpopSigner } from './tokens/dpop-signer.js'

/**
 * Proves that a session's tokens are ours to use, where they are bound to a key (RFC 9449).
 *
 * @internal
 */
export class DpopBinding {
  readonly #signer: DpopSigner | undefined
  readonly #isInMemory: boolean
  /** One session's own, made when it is first needed. */
  #memory: DpopNonceCache | undefined

  constructor({ dpop, refresh, acquire, store }: TokenManagerOptions) {
    this.#signer = dpop ?? (refresh ?? acquire).dpop
    this.#isInMemory = store === undefined || store.inMemory === true
  }

  /**
   * Tokens to keep, if their key can be kept with them and there is something to sign with.
   *
   * @throws TokenOptionsError
   */
  checked<T extends { readonly dpopKey?: DpopKey | undefined }>(tokens: T): T {
    const { dpopKey } = tokens
    if (!dpopKey) return tokens
    if (!this.#signer) throw noSigner()
    if (!isJwk(dpopKey) && !this.#isInMemory) throw notKept()
    return tokens
  }

  /** @throws TokenOptionsError if there is nothing to sign with */
  proverFor(key: DpopKey, token: string): TokenProver {
    if (!this.#signer) throw noSigner()
    const memory = (this.#memory ??= new DpopNonceCache())
    return dpopProver({ signer: this.#signer, memory }, key, token)
  }
}

function noSigner(): TokenOptionsError {
  return new TokenOptionsError(
    '`dpop`: the tokens are bound to a key, but nothing can sign with it: refresh with a grant of ' +
      '`tokenward/oauth`, or pass its `dpopSigner`',
  )
}

function notKept(): TokenOptionsError {
  return new TokenOptionsError(
    '`dpopKey`: a CryptoKeyPair stays in memory, but the `store` keeps JSON: pass the private key ' +
      'as a JWK, or use memoryStore()',
  )
}
