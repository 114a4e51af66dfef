export { browserLogin, type BrowserLoginOptions, type LoginResult } from './cli/browser-login.js'
export type { LoginOutcome, LoginPage } from './cli/callback-page.js'
export { deviceLogin, type DeviceCode, type DeviceLoginOptions } from './cli/device-login.js'
export {
  finishBeforeExit,
  type Closable,
  type FinishBeforeExitOptions,
} from './cli/finish-before-exit.js'
