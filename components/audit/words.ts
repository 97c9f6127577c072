import type { EventView } from '#lib/views';

/** Nouns of the log, for the filter. */
export const NOUNS: readonly (readonly [value: string, label: string])[] = [
  ['request', 'Requests'],
  ['grant', 'Grants'],
  ['agent', 'Agents'],
  ['human', 'People'],
  ['key', 'Keys'],
  ['session', 'Sessions'],
  ['target', 'Targets'],
  ['rest', 'Reading at rest'],
  ['freeze', 'Freezes'],
  ['gateway', 'Gateway'],
  ['alarm', 'Alarms'],
  ['installation', 'Set-up'],
];

/** States of a request or a grant, for the filter: whole kinds of event. */
export const STATES: readonly (readonly [value: string, label: string])[] = [
  ['request.filed', 'Request filed'],
  ['request.approved', 'Request approved'],
  ['request.denied', 'Request denied'],
  ['request.cancelled', 'Request cancelled'],
  ['request.lapsed', 'Request lapsed'],
  ['grant.collected', 'Grant collected'],
  ['grant.still_live', 'Grant STILL LIVE'],
  ['grant.ended', 'Grant ended'],
];

const LOUD: ReadonlySet<string> = new Set(['grant.still_live', 'alarm.raised', 'request.denied']);
const GOOD: ReadonlySet<string> = new Set(['request.approved', 'grant.ended', 'alarm.cleared']);

/** The dot's colour; the sentence beside it says the same. */
export function weight(kind: EventView['kind']): string {
  if (LOUD.has(kind)) return 'bg-danger';
  return GOOD.has(kind) ? 'bg-ok' : 'bg-line-strong';
}
