export { type Alarm, type Alarms, createAlarms, type GatewayAlarmCode } from './alarms';
