export type { Alarm, Alarms, GatewayAlarmCode } from './alarms';
export { createAlarms } from './create';
