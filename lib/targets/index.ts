export { type Ask, checkAsk, dangerOf, Operation, POSTGRES_VERBS, Verb } from './ask';
export {
  type PostgresConfig,
  TargetConfig,
  TargetName,
  type TokenConfig,
} from './config';
