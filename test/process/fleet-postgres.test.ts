import { describeWithPostgres } from '../support/postgres/installation.js'
import {
  loseNothingWhenAHolderSleeps,
  loseNothingWhenTheServerIsKilled,
  makeOneRequestForEachToken,
  useFleet,
} from './support/fleet-laws.js'

describeWithPostgres('six processes, twenty sessions in Postgres', () => {
  useFleet()
  makeOneRequestForEachToken('Postgres')
  loseNothingWhenTheServerIsKilled('Postgres')
  loseNothingWhenAHolderSleeps('Postgres')
})
