export { type Ask, checkAsk, dangerOf, Operation, Verb } from './ask';
export {
  type PostgresConfig,
  TargetConfig,
  type TokenConfig,
  TargetName,
  Environment,
} from './config';
