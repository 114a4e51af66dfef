import { createBalancer, type Balancer } from '../../docs/examples/web-app/local/balancer.js'
import { openLoopback } from './oidc/loopback.js'

/** The example's, on a free port. */
export async function startBalancer(): Promise<
  Balancer & { origin: string; stop(): Promise<void> }
> {
  const loopback = await openLoopback()
  const balancer = createBalancer()
  loopback.serve((incoming, response) => void balancer.answer(incoming, response))
  return Object.assign(balancer, { origin: loopback.origin, stop: () => loopback.stop() })
}
