/** The part of Node's `diagnostics_channel` that is used; Bun, Deno and workers have it too. */
interface DiagnosticsChannel {
  channel(name: string): Channel
  /** Missing in older versions of Deno. */
  tracingChannel?(name: string): TracingChannel
}

/** @internal */
export interface Channel {
  readonly hasSubscribers: boolean
  publish(message: object): void
  subscribe(listener: (message: never) => void): void
  unsubscribe(listener: (message: never) => void): unknown
}

/** @internal */
export type TracingChannel = Record<TracingMoment, Channel> & {
  tracePromise<T>(task: () => Promise<T>, message: object): Promise<T>
}

const MOMENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const
type TracingMoment = (typeof MOMENTS)[number]

/** @internal */
export interface Channels {
  /** An adapter puts a token on a request. */
  readonly use: Channel
  /** A caller could not be served at once. */
  readonly wait: Channel
  /** An API refused a token. */
  readonly rejection: Channel
  /** What happened to a session. */
  readonly session: Channel
  /** A refresh, from its beginning to its end. */
  readonly refresh: TracingChannel
}

/** `null`: this runtime has none. Held here, since a channel that nobody holds is collected. */
let opened: Channels | null | undefined

/**
 * The channels of this process: one for each name, whichever copy of the package asks for it.
 *
 * @internal
 */
export function channels(): Channels | null {
  return (opened ??= open())
}

/**
 * The channel, if anyone listens: look here first, and make the message only then.
 *
 * @internal
 */
export function heard(name: Exclude<keyof Channels, 'refresh'>): Channel | undefined {
  const channel = channels()?.[name]
  return channel?.hasSubscribers ? channel : undefined
}

/** @internal */
export function heardRefresh(): TracingChannel | undefined {
  const channel = channels()?.refresh
  // Its own `hasSubscribers` is missing in Bun (oven-sh/bun#27805).
  return channel && MOMENTS.some((moment) => channel[moment].hasSubscribers) ? channel : undefined
}

/** No import: the core runs where there is no such module. */
function open(): Channels | null {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown }
  }
  const module = process?.getBuiltinModule?.('diagnostics_channel') as
    DiagnosticsChannel | undefined
  if (!module?.tracingChannel) return null
  return {
    use: module.channel('tokenward:use'),
    wait: module.channel('tokenward:wait'),
    rejection: module.channel('tokenward:rejection'),
    session: module.channel('tokenward:session'),
    refresh: module.tracingChannel('tokenward:refresh'),
  }
}
