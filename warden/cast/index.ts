export {
  addTarget,
  admit,
  allowRest,
  approve,
  change,
  databaseConfig,
  file,
  newAgent,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from './acts';
export { call, collect, isMinted, session } from './calls';
export { type House, openHouse, sampleCompany } from './house';
export { type Road, road } from './road';
export { type Signer, signer } from './signer';
export {
  addUpstream,
  type CastUpstream,
  type Cloud,
  graphqlConfig,
  graphqlUpstream,
  httpConfig,
  httpUpstream,
} from './upstreams';
