#!/usr/bin/env node
import { main } from '../src/main.js'

// Not process.exit(): a refresh in flight is saved before the process ends.
process.exitCode = await main(process.argv.slice(2))
