/** The English of what users and maintainers read: documents, docstrings, messages. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { lintProse } from './lint.js'
import { proseOf } from './source-prose.js'

/** What is, or will be, under version control. */
const paths = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path.endsWith('.md') || /^src\/.*\.ts$/.test(path))

const findings = paths.flatMap((path) => {
  const text = readFileSync(path, 'utf8')
  const pieces = path.endsWith('.md') ? [{ text, line: 0 }] : proseOf(path, text)
  return pieces.flatMap((piece) =>
    lintProse(piece.text).map(
      ({ line, column, message }) => `${path}:${piece.line + line}:${column} ${message}`,
    ),
  )
})

for (const finding of findings) console.error(finding)
console.log(`prose: ${findings.length} findings in ${paths.length} files`)
if (findings.length > 0) process.exitCode = 1
