import { writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { docsPage, PAGE } from './docs-page.js'

const options = await resolveConfig(PAGE)
writeFileSync(PAGE, await format(docsPage(), { ...options, filepath: PAGE }))
