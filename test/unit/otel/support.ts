import { context, type Attributes } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  MeterProvider,
  MetricReader,
  type DataPoint,
  type Histogram,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { observeTokens, type ObserveOptions } from 'tokenward/otel'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

/** Spans follow the asynchronous context, as the SDK for Node lets them. */
export function useContext(): void {
  const manager = new AsyncLocalStorageContextManager()
  beforeAll(() => void context.setGlobalContextManager(manager.enable()))
  afterAll(() => {
    context.disable()
    manager.disable()
  })
}

class Reader extends MetricReader {
  protected override onForceFlush = () => Promise.resolve()
  protected override onShutdown = () => Promise.resolve()
}

/** The real SDK, which exports to memory, observing until the test ends. */
export function observed(options: Pick<ObserveOptions, 'withResource'> = {}) {
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  const tracer = new BasicTracerProvider({ spanProcessors }).getTracer('test')
  const reader = new Reader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test')
  const stop = observeTokens({ tracer, meter, ...options })
  onTestFinished(stop)

  const collect = async () => {
    const { resourceMetrics } = await reader.collect()
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
  }

  return {
    tracer,
    stop,
    spans: () => exporter.getFinishedSpans(),
    collect,
    /** Runs the task in a span of this name, as a web framework runs a request. */
    within: <T>(name: string, task: () => T): T =>
      tracer.startActiveSpan(name, (span) => {
        try {
          return task()
        } finally {
          span.end()
        }
      }),
    /** The sum, or the number of what was recorded, for each set of attributes. */
    async counts(name: string): Promise<[Attributes, number][]> {
      return (await pointsOf(collect, name)).map(({ attributes, value }) => [
        attributes,
        typeof value === 'number' ? value : value.count,
      ])
    },
    /** All that was recorded, added up. */
    async total(name: string): Promise<number | undefined> {
      const [point] = await pointsOf(collect, name)
      return point && (typeof point.value === 'number' ? point.value : point.value.sum)
    },
  }
}

async function pointsOf(
  collect: () => Promise<{ descriptor: { name: string }; dataPoints: unknown[] }[]>,
  name: string,
): Promise<DataPoint<number | Histogram>[]> {
  const metric = (await collect()).find(({ descriptor }) => descriptor.name === name)
  return (metric?.dataPoints ?? []) as DataPoint<number | Histogram>[]
}
