export { checkAsk, POSTGRES_VERBS, Verb } from './ask';
export {
  type GraphqlConfig,
  type HttpConfig,
  isUpstream,
  type PostgresConfig,
  restReadsOf,
  TARGET_KINDS,
  TargetConfig,
  type TargetKind,
  TargetName,
  type TokenConfig,
  type UpstreamConfig,
} from './config';
export {
  type Ask,
  type GraphqlOperation,
  type HttpOperation,
  isGraphql,
  isHttp,
  isSql,
  Operation,
  type SqlOperation,
} from './operation';
