import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { writeApiReference } from './api-reference.js'
import { decisionsPage } from './decisions.js'
import { ROOT } from './pages.js'

const FOLDER = `${ROOT}site/generated`

rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(`${FOLDER}/decisions`, { recursive: true })
writeFileSync(`${FOLDER}/decisions/index.md`, decisionsPage())
await writeApiReference(`${FOLDER}/api`)
