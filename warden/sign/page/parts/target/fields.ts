import { check, field } from '../form';

/** What a form gives; the warden parses it. */
export type Typed = object;

export interface Fields {
  readonly elements: readonly HTMLElement[];
  readonly typed: () => Typed;
}

/** The fields that every kind of target has, around those of its own. */
export interface Shared {
  readonly first: readonly HTMLElement[];
  readonly last: readonly HTMLElement[];
  readonly typed: () => Typed;
}

/** `alone`: the owner is the only person, so that without the last box nobody could approve. */
export function sharedFields(alone: boolean): Shared {
  const name = field({ label: 'Name', hint: 'What agents call it: lower-case letters, digits, dashes.' });
  const environment = field({
    label: 'Environment',
    hint: 'production asks for hardware keys; staging, test or your own word do not.',
    value: 'production',
  });
  const ttl = field({ label: 'Longest grant, minutes', value: '60' });
  const sole = check(
    `Let a sole owner approve what their own agent asks${alone ? '. You are the only one here, so without this nobody could.' : ''}`,
    alone,
  );
  return {
    first: [name.element, environment.element],
    last: [ttl.element, sole.element],
    typed: () => ({
      name: name.input.value,
      environment: environment.input.value,
      maxTtlSeconds: Math.round(Number(ttl.input.value) * 60) || 0,
      soleOwnerMayApprove: sole.input.checked,
    }),
  };
}
