export { browserLogin, type BrowserLoginOptions, type LoginResult } from './cli/browser-login.js'
export type { LoginOutcome, LoginPage } from './cli/callback-page.js'
export { deviceLogin, type DeviceCode, type DeviceLoginOptions } from './cli/device-login.js'
export type { ListenAddress } from './cli/loopback-server.js'
export { canOpenBrowser, openBrowser } from './cli/open-browser.js'
export type { Paste, PasteQuestion } from './cli/paste.js'
export { terminalLogin, type TerminalLoginOptions } from './cli/terminal-login.js'
export type { Closable } from './cli/exit-guard.js'
export { finishBeforeExit, run, type FinishBeforeExitOptions } from './cli/finish-before-exit.js'
export { knownUser, type KnownUser } from './cli/known-user.js'
export { migrateSession, type MigrateSessionOptions } from './cli/migrate-session.js'
export { moveSession, type MoveSessionOptions } from './cli/move-session.js'
export { jsonTokens, msalTokens, type ReadOldTokens } from './cli/old-tokens.js'
export {
  profiles,
  type CurrentProfile,
  type Profiles,
  type ProfilesOptions,
} from './cli/profiles.js'
export { saveLogin, type LoginTarget } from './cli/save-login.js'
export type { CheckableStore } from './stores/file/checkable-store.js'
export type { FileEncryption } from './stores/file/encrypted-format.js'
export { fileStore, type FileStoreOptions } from './stores/file/file-store.js'
export type { Keep } from './stores/file/keep.js'
export type { SessionPlace } from './stores/file/session-place.js'
export { keyringStore, type KeyringStoreOptions } from './stores/keyring/keyring-store.js'
export type { LocalChoice, LocalKind } from './stores/local/local-format.js'
export { localStore, type LocalStore, type LocalStoreOptions } from './stores/local/local-store.js'
