export { type Alarm, type Alarms, createAlarms } from './alarms';
