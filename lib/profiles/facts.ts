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
