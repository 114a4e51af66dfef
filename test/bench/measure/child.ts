import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Child<Question, Answer> {
  ask(question: Question): Promise<Answer>
  stop(): Promise<void>
}

/**
 * Starts a module of this folder in its own process. It answers questions by `answerQuestions`.
 *
 * @param path - from `test/bench`
 * @param flags - for Node
 */
export function startChild<Question, Answer>(
  path: string,
  flags: readonly string[] = [],
): Child<Question, Answer> {
  const child = fork(fileURLToPath(new URL(`../${path}`, import.meta.url)), {
    execArgv: ['--import', 'tsx', ...flags],
  })
  return {
    async ask(question) {
      child.send({ question })
      const [reply] = (await Promise.race([once(child, 'message'), diedOf(path, once(child, 'exit'))])) as [
        { answer: Answer } | { error: string },
      ]
      if ('error' in reply) throw new Error(`${path}: ${reply.error}`)
      return reply.answer
    },
    async stop() {
      if (child.exitCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function diedOf(path: string, exit: Promise<unknown[]>): Promise<never> {
  const [code, signal] = await exit
  throw new Error(`${path} ended with ${String(code ?? signal)}`)
}

/** One question, one answer, and the child is gone: for what must begin afresh. */
export async function askOnce<Question, Answer>(
  path: string,
  question: Question,
  flags: readonly string[] = [],
): Promise<Answer> {
  const child = startChild<Question, Answer>(path, flags)
  try {
    return await child.ask(question)
  } finally {
    await child.stop()
  }
}

/** In the child: answers one question after the other, and goes when the parent lets go. */
export function answerQuestions<Question>(answer: (question: Question) => unknown): void {
  process.on('message', ({ question }: { question: Question }) => {
    void Promise.resolve(question)
      .then(answer)
      .then(
        (value) => process.send?.({ answer: value ?? null }),
        (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? '') : String(error) }),
      )
  })
  process.on('disconnect', () => process.exit(0))
}
