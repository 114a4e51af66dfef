import { jsonAnswer, oauthError, textAnswer } from './answers.js'
import { connectionReset } from './connection.js'
import type { Fault, OmitFault, OverrideFault, StatusFault } from './fault.js'
import { waitInterruptibly, type Interruptions } from './interruptions.js'
import { refuse, type Refusals } from './refusal.js'
import type { Settings } from './settings.js'
import type { Scripted } from './script.js'

/** One request and the way to its ordinary response. */
export interface Performance {
  readonly request: Request
  readonly settings: Settings
  readonly refusals: Refusals
  readonly interruptions: Interruptions
  /** Processes the request; at a second call the same response again, and nothing is done twice. */
  readonly answer: () => Promise<Response>
}

/** Plays one scripted entry for one request. */
export async function perform(scripted: Scripted, performance: Performance): Promise<Response> {
  const { request, interruptions, answer } = performance
  if (scripted.when === 'after') await answer()
  if (scripted.delayMs) await wait(scripted.delayMs, performance)
  if (!('held' in scripted)) return act(scripted, performance)

  scripted.held.arrive()
  const next = await waitInterruptibly<Fault | undefined>(
    request.signal,
    interruptions,
    (resolve) => {
      void scripted.held.released.then(resolve)
      return undefined
    },
  )
  return next ? perform(next, performance) : answer()
}

async function act(fault: Fault, performance: Performance): Promise<Response> {
  const { request, settings, answer } = performance
  if ('hang' in fault) return hang(performance)
  if ('drop' in fault) throw connectionReset()
  if ('error' in fault) {
    return oauthError(settings, fault.error, fault.description, {
      status: fault.status,
      headers: retryAfterHeader(fault.retryAfter),
    })
  }
  if ('refuse' in fault) return refuse(performance, fault.refuse)
  if ('status' in fault) return bareAnswer(settings, fault)
  if ('html' in fault) {
    return textAnswer(settings, 200, fault.html === true ? PORTAL : fault.html, {
      'content-type': 'text/html; charset=utf-8',
    })
  }
  if ('respond' in fault) return fault.respond(request.clone(), answer)
  if ('omit' in fault || 'override' in fault) return rewritten(settings, await answer(), fault)
  return answer()
}

const PORTAL = '<!doctype html><title>Welcome</title><p>Please accept the terms of this network.'

function hang({ request, interruptions }: Performance): Promise<never> {
  return waitInterruptibly<never>(request.signal, interruptions, () => undefined)
}

function wait(delayMs: number, { request, interruptions }: Performance): Promise<void> {
  return waitInterruptibly<void>(request.signal, interruptions, (resolve) => {
    const timer = setTimeout(() => resolve(), delayMs)
    return () => clearTimeout(timer)
  })
}

function bareAnswer(settings: Settings, fault: StatusFault): Response {
  const { status, body = '' } = fault
  const headers = { ...retryAfterHeader(fault.retryAfter), ...fault.headers }
  if (typeof body === 'string') return textAnswer(settings, status, body, headers)
  const json = { 'content-type': 'application/json', ...headers }
  return textAnswer(settings, status, JSON.stringify(body), json)
}

function retryAfterHeader(retryAfter: number | Date | undefined): Record<string, string> {
  if (retryAfter === undefined) return {}
  const text = retryAfter instanceof Date ? retryAfter.toUTCString() : String(retryAfter)
  return { 'retry-after': text }
}

/** Only a success has fields to leave out or change: a refusal stays as it is. */
async function rewritten(
  settings: Settings,
  answer: Response,
  fault: OmitFault | OverrideFault,
): Promise<Response> {
  if (answer.status !== 200) return answer
  const fields = (await answer.json()) as Record<string, unknown>
  if ('omit' in fault) for (const name of fault.omit) delete fields[name]
  if ('override' in fault) Object.assign(fields, fault.override)
  return jsonAnswer(settings, 200, fields)
}
