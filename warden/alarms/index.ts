export { type Alarm, type AlarmCode, type Alarms, createAlarms } from './alarms';
