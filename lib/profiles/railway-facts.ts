import type { FactRule } from './types';

/** Approved as it was. */
export const fact = (label: string, path: string, more: Partial<FactRule> = {}): FactRule => ({
  label,
  path,
  show: 'value',
  weight: 'plain',
  bound: true,
  ...more,
});

/** Changes by itself. */
export const moving = (label: string, path: string, more: Partial<FactRule> = {}): FactRule =>
  fact(label, path, { bound: false, ...more });

/** What would be lost. */
export const lost = (label: string, path: string, more: Partial<FactRule> = {}): FactRule =>
  fact(label, path, { show: 'list', weight: 'danger', empty: 'none', ...more });

export const lostSize = (label: string, path: string, also: readonly string[]): FactRule =>
  lost(label, path, { bound: false, unit: 'MB', also });

export const BACKUPS: readonly FactRule[] = [
  lost('Backups that go with it', 'backups.name', { also: ['createdAt'] }),
  moving('Size of those backups', 'backups.usedMB', { show: 'list', unit: 'MB', also: ['createdAt'], empty: 'none' }),
];

export const runningNow = moving('What runs there, since', 'instance.activeDeployments[].createdAt', {
  show: 'list',
  empty: 'nothing runs',
});
