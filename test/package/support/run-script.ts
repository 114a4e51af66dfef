import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Runs a module in a folder, as a user's script would run there.
 *
 * @param code - ends with a call of `tell(value)`; in `module` format it may await at its top
 * @returns the value that was told
 */
export async function runScript(
  folder: string,
  format: 'module' | 'commonjs',
  code: string,
): Promise<unknown> {
  const told = 'const tell = (value) => console.log(JSON.stringify(value));'
  const flags = [`--input-type=${format}`, '--eval', `${told}\n${code}`]
  const { stdout } = await run(process.execPath, flags, { cwd: folder })
  return JSON.parse(stdout)
}
