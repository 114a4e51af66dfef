import { readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { rollup } from 'rollup'

/**
 * Joins the chunks of the ES modules: esbuild makes one for each combination of entries that share
 * some code, and a CLI would open seventeen files to read one session. What an entry loads anyway
 * becomes one file.
 *
 * @param {string} folder - of the entries and their chunks, which are replaced
 * @param {readonly string[]} entries - the names of all entries
 * @param {readonly string[]} joined - the entries whose chunks are joined, the most common first
 * @param {string} apart - an entry that is used without the core: what it loads stays as small
 * @param {string} portable - an entry that loads no module of Node.js's: nothing of the last of
 *   `joined`, which does, is joined with what this one loads
 */
export async function mergeChunks(folder, entries, joined, apart, portable) {
  const pathOf = (/** @type {string} */ entry) => resolve(folder, `${entry}.js`)
  const paths = new Set(entries.map(pathOf))
  const bundle = await rollup({
    input: Object.fromEntries(entries.map((entry) => [entry, pathOf(entry)])),
    external: (id) => !/^(\.|\/|[A-Z]:)/i.test(id),
    treeshake: false, // esbuild has done it
  })
  const { output } = await bundle.generate({
    format: 'es',
    chunkFileNames: '[name]-[hash].js',
    hoistTransitiveImports: false,
    manualChunks: (id, { getModuleInfo }) => {
      if (paths.has(id)) return undefined
      const owner = [apart, ...joined].find((entry) =>
        loadedBy(pathOf(entry), getModuleInfo).has(id),
      )
      const isShared = owner === joined.at(-1) && loadedBy(pathOf(portable), getModuleInfo).has(id)
      return owner && `chunk-${isShared ? portable : owner}`
    },
  })
  await bundle.close()
  const former = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  await Promise.all(former.map((name) => rm(join(folder, name))))
  for (const file of output) {
    if (file.type === 'chunk') await writeFile(join(folder, file.fileName), file.code)
  }
}

/**
 * All that is loaded with a module: what it imports only when it is called is not.
 *
 * @param {string} id
 * @param {import('rollup').GetModuleInfo} getModuleInfo
 * @returns {Set<string>}
 */
function loadedBy(id, getModuleInfo, found = new Set()) {
  if (found.has(id)) return found
  found.add(id)
  for (const imported of getModuleInfo(id)?.importedIds ?? []) {
    loadedBy(imported, getModuleInfo, found)
  }
  return found
}
