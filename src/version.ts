/** The package's own, as its `package.json` has it: a test compares them. @internal */
export const VERSION = '0.1.0'
