import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { deviations, row, type Figures } from '../demo/figures.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

describe('npm run demo', () => {
  it('shows each act with its figures, as they should be, and ends with exit code 0', async () => {
    const { code, stdout, stderr } = await run('npm', ['run', '--silent', 'demo'])

    expect(stdout + stderr).not.toMatch(/oidc-provider (?:NOTICE|WARNING)/)
    expect(stdout).not.toContain('\u001B') // no colour where nobody sees it
    expect(actsOf(stdout)).toEqual([
      ['a', 100, 0, 1, 0, 0],
      ['b', 100, 0, 1, 0, 100],
      ['c', expect.any(Number), 0, 2, 0, 0],
      ['d', expect.any(Number), 20, 1, 0, 0],
      ['e', 100, 100, 1, 0, 50],
      ['f', 100, 50, 0, 0, 0],
    ])
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('All figures are as they should be.')
    expect(code).toBe(0)
  })
})

describe('a figure of the demo', () => {
  const figures: Figures = {
    requests: 100,
    failures: {},
    tokenRequests: 1,
    reuse: 0,
    rejections: 0,
    more: { waited: 0 },
  }
  const { reuse: _, ...expected } = figures

  it('that is as it should be raises no complaint', () => {
    expect(deviations(figures, expected)).toEqual([])
  })

  it.each([
    [{ requests: 99 }, 'requests: 99, should be 100'],
    [{ failures: { AxiosError: 2 } }, 'failures: 2 × AxiosError, should be none'],
    [{ tokenRequests: 2 }, 'token requests: 2, should be 1'],
    [{ reuse: 1 }, 'reuse: 1, should be 0'],
    [{ rejections: 3 }, '401s at the API: 3, should be 0'],
    [{ more: { waited: 4 } }, 'waited: 4, should be 0'],
    [{ more: {} }, 'waited: not counted, should be 0'],
  ])('that is not is named: %j', (change, line) => {
    expect(deviations({ ...figures, ...change }, expected)).toEqual([line])
  })

  it('stands in a column', () => {
    expect(row(figures)).toBe(
      'requests  100  failures    0  token requests  1  reuse 0  401s at the API    0',
    )
  })
})

function run(command: string, parameters: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(command, parameters, { cwd: ROOT }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

/** The letter of each act whose figures are as they should be, and these. */
function actsOf(output: string): unknown[][] {
  return output
    .split(/^(?=[a-f] {2}\S)/m)
    .slice(1)
    .map((act) => {
      const figures = /^ok {2}requests.*$/m.exec(act)?.[0].replace('401s', '') ?? ''
      return [act.charAt(0), ...(figures.match(/\d+/g) ?? []).map(Number)]
    })
}
