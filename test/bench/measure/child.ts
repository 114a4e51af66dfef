import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Child<Question, Answer> {
  /** One at a time: what is asked meanwhile waits. */
  ask(question: Question): Promise<Answer>
  stop(): Promise<void>
}

type Reply<Answer> = { answer: Answer } | { error: string }

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
  const ask = (question: Question) =>
    new Promise<Answer>((resolve, reject) => {
      const onMessage = (reply: Reply<Answer>) => {
        child.off('exit', onExit)
        if ('error' in reply) reject(new Error(`${path}: ${reply.error}`))
        else resolve(reply.answer)
      }
      const onExit = (code: number | null, signal: string | null) => {
        child.off('message', onMessage)
        reject(new Error(`${path} ended with ${code ?? signal}`))
      }
      child.once('message', onMessage)
      child.once('exit', onExit)
      child.send({ question })
    })
  let last: Promise<unknown> = Promise.resolve()
  return {
    ask(question) {
      const answer = last.then(() => ask(question))
      last = answer.catch(() => undefined)
      return answer
    },
    async stop() {
      if (child.exitCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** One question, one answer, and the child is gone: for what must begin afresh. */
export async function askOnce<Answer>(
  path: string,
  question: unknown,
  flags: readonly string[] = [],
): Promise<Answer> {
  const child = startChild<unknown, Answer>(path, flags)
  try {
    return await child.ask(question)
  } finally {
    await child.stop()
  }
}

/** In the child: answers one question after the other, and goes when the parent lets go. */
export function answerQuestions(answer: (question: never) => unknown): void {
  process.on('message', ({ question }: { question: never }) => {
    void Promise.resolve(question)
      .then(answer)
      .then(
        (value) => process.send?.({ answer: value ?? null }),
        (error: unknown) =>
          process.send?.({ error: error instanceof Error ? (error.stack ?? '') : String(error) }),
      )
  })
  process.on('disconnect', () => process.exit(0))
}
