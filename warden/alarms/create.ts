import { createAlarms as create } from '#lib/process';
import type { AlarmCode } from './alarms';

export const createAlarms = create<AlarmCode>;
