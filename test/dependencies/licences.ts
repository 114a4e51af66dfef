/** As much of package-lock.json as is looked at. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly version?: string
  readonly license?: string
  /** Only needed to work on this package. */
  readonly dev?: boolean
  readonly devOptional?: boolean
  /** Stands for a folder of ours. */
  readonly link?: boolean
}

/** What users install with us: nothing that asks more of them than to be named. */
const FOR_USERS = new Set(['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense']) // prettier-ignore

/** Tools are not shipped: one whose own files stay under its licence will do. */
const FOR_TOOLS = new Set([
  ...FOR_USERS,
  'CC-BY-3.0',
  'CC-BY-4.0',
  'LGPL-3.0-or-later',
  'MPL-2.0',
  'Python-2.0',
])

/** What package.json does not say: where it says it instead. */
const SAID_ELSEWHERE: Readonly<Record<string, string>> = {
  // In `licenses`, as was done once.
  'node_modules/format@0.2.2': 'MIT',
  'node_modules/busboy@1.6.0': 'MIT',
  'node_modules/streamsearch@1.1.0': 'MIT',
}

/**
 * The packages whose licence is none of those, with it.
 *
 * @param whom - whom they are installed for, but for those that are needed to work on ours
 */
export function licenceFlaws({ packages }: Lock, whom: 'users' | 'tools'): string[] {
  return Object.entries(packages)
    .filter(([path, found]) => path !== '' && !found.link && !isGood(named(path, found), whom))
    .map(([path, { version, license }]) => `${path}@${version}: ${license ?? 'no licence named'}`)
}

function named(path: string, found: LockedPackage): LockedPackage {
  return { license: SAID_ELSEWHERE[`${path}@${found.version}`], ...found }
}

function isGood({ license = '', dev, devOptional }: LockedPackage, whom: 'users' | 'tools') {
  const allowed = whom === 'tools' || dev || devOptional ? FOR_TOOLS : FOR_USERS
  // Whoever offers several lets the user choose; who demands several wants all of them kept.
  const choices = license.replace(/[()]/g, '').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((each) => allowed.has(each)))
}
