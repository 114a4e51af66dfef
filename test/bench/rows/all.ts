import type { Row } from '../row.ts'
import { axiosOverhead } from './axios-overhead.ts'
import { contention } from './contention.ts'
import { expiryTail } from './expiry-tail.ts'
import { herd } from './herd.ts'
import { hotPath } from './hot-path.ts'
import { imports } from './import.ts'
import { loopback } from './loopback.ts'
import { sessions } from './sessions.ts'
import { size } from './size.ts'
import { startup } from './startup.ts'

/** In the order of the table. */
export const ROWS: Readonly<Record<string, () => Promise<Row>>> = {
  'hot-path': hotPath,
  'axios-overhead': axiosOverhead,
  loopback,
  'expiry-tail': expiryTail,
  herd,
  sessions,
  import: imports,
  startup,
  size,
  contention,
}
