import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What tests are compiled with: the package's names lead to the source. */
const CONFIG = `${ROOT}test/tsconfig.json`

export interface Flaw {
  file: string
  line: number
  message: string
}

/**
 * Compiles the files together, those of `virtual` from memory.
 *
 * @returns what the compiler says, in whatever file, paths from the root of the repository
 */
export function compile(files: readonly string[], virtual = new Map<string, string>()): Flaw[] {
  const { config } = ts.readConfigFile(CONFIG, (path) => ts.sys.readFile(path))
  const { options: base } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(CONFIG))
  // A snippet shows what it is about, not what becomes of it.
  const options = { ...base, noUnusedLocals: false, noUnusedParameters: false }
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists } = host
  host.readFile = (path) => virtual.get(path) ?? readFile(path)
  host.fileExists = (path) => virtual.has(path) || fileExists(path)
  const program = ts.createProgram([...files, ...virtual.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => ({
    file: relative(ROOT, diagnostic.file?.fileName ?? CONFIG),
    line: lineOf(diagnostic),
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
  }))
}

/** `file:line message`, as editors and terminals link it. */
export function sayFlaw({ file, line, message }: Flaw): string {
  return `${file}:${line} ${message}`
}

function lineOf({ file, start }: ts.Diagnostic): number {
  return file ? file.getLineAndCharacterOfPosition(start ?? 0).line + 1 : 1
}
