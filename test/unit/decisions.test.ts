import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const FOLDER = new URL('../../docs/decisions/', import.meta.url)
const RECORDS = readdirSync(FOLDER).filter((name) => name.endsWith('.md'))
const STATUS =
  /^\*\*Status\.\*\* Accepted on \d{4}-\d{2}-\d{2}(?:, (?:in part )?superseded on \d{4}-\d{2}-\d{2}.+)?\.$/

describe.each(RECORDS)('the decision record %s', (name) => {
  const lines = readFileSync(new URL(name, FOLDER), 'utf8').split('\n')

  it('bears its number, its status and the day', () => {
    expect(lines[0]).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. `))
    expect(lines[2]).toMatch(STATUS)
  })

  it('says what it was about, what was decided and what follows', () => {
    for (const part of ['Context', 'Decision', 'Consequences']) {
      expect(lines.some((line) => line.startsWith(`**${part}.**`))).toBe(true)
    }
  })
})
