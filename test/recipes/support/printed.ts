import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** A program in a page: a comment before the fence names its file. */
const PROGRAM = /<!-- (docs\/\S+) -->\n\n```(?:tsx?|json)\n.*?^```/gms

/** @returns the page, with each program as its file has it now */
export function withPrograms(page: string): string {
  return page.replace(PROGRAM, (_, file: string) => {
    const language = file.split('.').at(-1)
    return `<!-- ${file} -->\n\n\`\`\`${language}\n${readFileSync(ROOT + file, 'utf8')}\`\`\``
  })
}
