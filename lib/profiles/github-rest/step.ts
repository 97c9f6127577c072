import { fact, lost, moving } from '../facts';
import type { FactRule, Resolver, Step } from '../types';

/** One read. What stands in braces is what the operation’s own path captured under that name. */
export const step = (as: string, read: string, more: Partial<Step> = {}): Step => ({
  as,
  read,
  variables: Object.fromEntries([...read.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, `args.${name}`])),
  take: '',
  ...more,
});

/** Paths to the thing’s own name, and to the environment it lives in, where it has them. */
export interface Names {
  readonly subject?: string;
  readonly environment?: string;
}

export const resolver = (
  steps: readonly Step[],
  facts: readonly FactRule[],
  { subject, environment }: Names = {},
): Resolver => ({ steps, facts, environment: environment ?? null, subject: subject ?? null });

export const RULESET: readonly FactRule[] = [
  fact('Ruleset', 'ruleset.name'),
  fact('In force', 'ruleset.enforcement'),
  lost('Rules in it', 'ruleset.rules[].type'),
];

export const RUNNER: readonly FactRule[] = [
  fact('Runner', 'runner.name'),
  fact('System', 'runner.os'),
  fact('Labels', 'runner.labels[].name', { show: 'list', empty: 'none' }),
  moving('State', 'runner.status'),
];
