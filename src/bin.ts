#!/usr/bin/env node
import { main } from './doctor/main.js'
import { askOnTerminal } from './doctor/question.js'

void main(process.argv.slice(2), {
  fetch: (url, init) => globalThis.fetch(url, init),
  env: process.env,
  print: (text) => void process.stdout.write(text),
  ask: askOnTerminal,
}).then((exitCode) => {
  process.exitCode = exitCode
})
