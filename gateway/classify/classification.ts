import type { Json } from '#lib/core';
import type { Act, OperationClass } from '#lib/profiles';
import type { GraphqlOperation, HttpOperation } from '#lib/targets';

/** What a call would do, classified and not yet allowed. */
export interface Classification {
  /** At least one. */
  readonly acts: readonly Act[];
  /** The worst of them. */
  readonly class: OperationClass;
  /** In words: `mutation volumeDelete`. */
  readonly name: string;
  /** What is to be forwarded, printed from what was classified. For HTTP without its body: that is the caller's to add. */
  readonly operation: GraphqlOperation | HttpOperation;
  /** For the profile's resolver: the arguments of the root field it is for, or what the path captured. */
  readonly args: { readonly [name: string]: Json };
  /** Which resolver of the profile, or null. */
  readonly resolver: string | null;
}

/** What an owner signed beside the profile: reads opened at rest, and safe ones closed. */
export interface OwnerOverrides {
  readonly opens: readonly string[];
  readonly closes: readonly string[];
}

const WHY = {
  safe: 'it reads nothing secret.',
  sensitive: 'it reads what must not leave.',
  write: 'it changes something.',
  destructive: 'what it removes does not come back.',
  escalating: 'it makes credentials or members, or turns a protection off.',
} as const satisfies Record<OperationClass, string>;

/** Why an operation a profile names is in its class. */
export const whyNamed = (level: OperationClass): string => WHY[level];

/** Why one that no profile names is: unknown is a write (P7). */
export const whyUnnamed = (level: OperationClass): string =>
  level === 'write'
    ? 'nobody has said what it does, so it counts as a change.'
    : `nobody has said what it does, and by its name ${WHY[level]}`;
