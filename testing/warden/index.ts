export {
  addTarget,
  admit,
  allowRest,
  approve,
  change,
  databaseConfig,
  factsOfAgent,
  file,
  newAgent,
  newAgentFacts,
  rotate,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from './acts';
export { answersAbove, answersUpTo, callUntilOlder } from './ages';
export { type CallOptions, call, callWarden, collect, isMinted, session } from './calls';
export { grantOf, holdRows, untilGrant } from './grants';
export { type House, openHouse, sampleCompany } from './house';
export { insertOrder, orderFor } from './orders';
