import { digestOf, sha256Base64url } from '#lib/core';
import type { Ask } from '#lib/targets';

/** SHA-256 over every current record: kind, id and the digest of its body, in order. */
export const recordsDigest = (
  records: ReadonlyArray<{ readonly kind: string; readonly id: string; readonly digest: string }>,
): string =>
  sha256Base64url(
    records
      .map(({ kind, id, digest }) => `${kind} ${id} ${digest}`)
      .sort()
      .join('\n'),
  );

/** SHA-256 over the ids of grants that ended before their time, in order. */
export const endedDigest = (grantIds: Iterable<string>): string => sha256Base64url([...grantIds].sort().join('\n'));

/** Says of every field of an ask whether bytes hold it: a new field does not compile before it stands there. */
export type AskCoverage<A = Ask> = Readonly<Record<keyof A, boolean>>;

type Covered<C> = { [K in keyof C]: C[K] extends true ? K : never }[keyof C] & keyof Ask;

/** The fields of an ask that are covered, and no others. */
export const coveredFields = <C extends AskCoverage>(coverage: C, ask: Pick<Ask, Covered<C>>): Partial<Ask> =>
  Object.fromEntries(
    Object.entries(ask).filter(([field]) => Object.hasOwn(coverage, field) && coverage[field as keyof Ask]),
  );

/** All of it. The order is the order of the bytes. */
const LOOKED_AT = {
  resources: true,
  verbs: true,
  ttlSeconds: true,
  maxUses: true,
  operation: true,
} as const satisfies Record<keyof Ask, true>;

/** What a look was made for: everything that an agent asked, and of which target. */
export const askDigest = (requestId: string, agentId: string, targetId: string, ask: Ask): string =>
  digestOf([requestId, agentId, targetId, ...Object.keys(LOOKED_AT).map((field) => ask[field as keyof Ask])]);
