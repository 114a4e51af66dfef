import { isTokenError } from 'tokenward'

/** A parser of what somebody else has written. */
export interface Target {
  /** Also the folder of its corpus. */
  readonly name: string
  /** Gives the text to the parser. Whatever it throws or rejects with must be an error of ours. */
  readonly read: (text: string) => unknown
  /** Text that leads deeper than chance would. */
  readonly words: readonly string[]
}

/** Nobody reads more, and what is kept in memory and logs is bounded. */
const LONGEST_TEXT = 4_200

/** Control and format characters: what a terminal obeys, and what cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/**
 * Reads the text as the target does.
 *
 * @throws what is wrong: an error that is none of ours, or one that shows more than it may
 */
export async function play({ read }: Target, text: string): Promise<void> {
  try {
    await read(text)
  } catch (error) {
    if (!isTokenError(error)) throw error
    assertFit(error)
  }
}

function assertFit(error: Error, depth = 0): void {
  const members = Object.entries(error).flatMap(([name, value]) =>
    [value].flat().map((each: unknown) => [name, each] as const),
  )
  for (const [name, value] of [['message', error.message] as const, ...members]) {
    if (typeof value !== 'string') continue
    if (value.length > LONGEST_TEXT) throw new Unfit(error, `\`${name}\` has no bound`)
    if (UNSEEN.test(value)) throw new Unfit(error, `\`${name}\` has unseen characters`)
  }
  if (error.cause instanceof Error && depth < 5) assertFit(error.cause, depth + 1)
}

class Unfit extends Error {
  constructor(error: Error, why: string) {
    super(`${why}: ${error.name}: ${JSON.stringify(error.message.slice(0, 200))}`)
  }
}
