import { lost, moving } from '../facts';
import type { FactRule } from '../types';

export const BACKUPS: readonly FactRule[] = [
  lost('Backups that go with it', 'backups.name', { also: ['createdAt'] }),
  moving('Size of those backups', 'backups.usedMB', { show: 'list', unit: 'MB', also: ['createdAt'], empty: 'none' }),
];

export const runningNow = moving('What runs there, since', 'instance.activeDeployments[].createdAt', {
  show: 'list',
  empty: 'nothing runs',
});
