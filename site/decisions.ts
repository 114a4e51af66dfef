import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { ROOT } from './pages.js'

const FOLDER = 'docs/decisions'

/** @returns the decision records, oldest first: each file with its heading */
export function decisions(): { file: string; heading: string }[] {
  const files = readdirSync(join(ROOT, FOLDER)).sort()
  return files.map((file) => {
    const [heading = ''] = readFileSync(join(ROOT, FOLDER, file), 'utf8').split('\n')
    return { file, heading: heading.replace(/^# /, '') }
  })
}

/** The page of the folder, which in the repository is the folder itself. */
export function decisionsPage(): string {
  const lines = decisions().map(
    ({ file, heading }) => `- [${heading.replace('. ', '\\. ')}](${file})`,
  )
  return `# Decisions\n\nWhy things are as they are, oldest first.\n\n${lines.join('\n')}\n`
}
