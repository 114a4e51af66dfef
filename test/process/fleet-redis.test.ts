import { describeWithRedis } from '../support/redis/installation.js'
import {
  loseNothingWhenAHolderSleeps,
  loseNothingWhenTheServerIsKilled,
  loseOnlyWhatTheSleeperHadNotSaved,
  makeOneRequestForEachToken,
  useFleet,
} from './support/fleet-laws.js'

describeWithRedis('six processes, twenty sessions in Redis, rotation and reuse detection', () => {
  useFleet()
  makeOneRequestForEachToken('Redis')
  makeOneRequestForEachToken('Redis', 200)
  loseNothingWhenTheServerIsKilled('Redis')
  loseNothingWhenAHolderSleeps('Redis')
  loseOnlyWhatTheSleeperHadNotSaved('Redis')
})
