import type { Authority, SignedHuman, SignedKey, SignedTarget } from '#lib/authority';
import { fitsProduction } from '#lib/authority';
import { type Requirements, requirementsOf, type Seen } from '#lib/policy';
import type { Preview } from '#lib/statement';

/** Why a person may not approve a request with a key. */
export type ApproverRefusal =
  | 'target'
  | 'unknown'
  | 'inactive'
  | 'role'
  | 'blocked'
  | 'key_class'
  | 'key_unproven'
  | 'own_agent';

/** As much of the authority as the rule reads. The console, which has no chain, fills it from rows. */
export interface Approvers extends Pick<Authority, 'acceptsClaimed'> {
  readonly humans: ReadonlyMap<string, Pick<SignedHuman, 'id' | 'role' | 'active'>>;
  readonly keys: ReadonlyMap<string, Pick<SignedKey, 'humanId' | 'class' | 'active'>>;
}

export interface ApproverAuthority extends Approvers {
  readonly targets: ReadonlyMap<string, Pick<SignedTarget, 'config' | 'chainHash' | 'active'>>;
}

/** As much of a request as the rule reads: its facts as they are, or will be, signed. */
export interface FactsToApprove {
  readonly agent: { readonly owner: { readonly id: string } };
  readonly target: {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly environment: string;
    readonly chainHash: string;
  };
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Whether this person may approve this request with this key: null, or why not.
 * The only rule about it: the offer, the signature, the mint and the console's
 * button all ask here. `preview` is null while there is none, and then the answer
 * is about the least that the request may take.
 */
export function approverRefusal(
  authority: ApproverAuthority,
  facts: FactsToApprove,
  preview: (Seen & Pick<Preview, 'blocked'>) | null,
  by: { readonly humanId: string; readonly keyId: string },
): ApproverRefusal | null {
  const target = targetAsSigned(authority, facts.target);
  if (target === null) return 'target';
  const human = authority.humans.get(by.humanId);
  const key = authority.keys.get(by.keyId);
  if (human === undefined || key?.humanId !== human.id) return 'unknown';
  if (!human.active || !key.active) return 'inactive';
  const requirements = requirementsOf(target.config, facts, preview);
  if (!requirements.roles.includes(human.role)) return 'role';
  if (preview?.blocked !== undefined) return 'blocked';
  if (!isOfClass(authority, key, requirements)) return key.class === 'synced' ? 'key_class' : 'key_unproven';
  if (facts.agent.owner.id !== human.id) return null;
  const alone = human.role === 'owner' && othersAble(authority, human.id, requirements) === 0;
  return alone && target.config.soleOwnerMayApprove ? null : 'own_agent';
}

/** The active target under exactly these names and this chain entry; null where it is gone or another was signed since (T3). */
export function targetAsSigned<T extends Pick<SignedTarget, 'config' | 'chainHash' | 'active'>>(
  { targets }: { readonly targets: ReadonlyMap<string, T> },
  { id, chainHash, name, environment, kind }: FactsToApprove['target'],
): T | null {
  const target = targets.get(id);
  if (target === undefined || !target.active || target.chainHash !== chainHash) return null;
  const { config } = target;
  return config.name === name && config.environment === environment && config.kind === kind ? target : null;
}

/** Whether a key is of the class that a policy wants. */
export const isOfClass = (
  approvers: Pick<Authority, 'acceptsClaimed'>,
  key: Pick<SignedKey, 'class'>,
  { keyClass }: Pick<Requirements, 'keyClass'>,
): boolean => keyClass === 'any' || fitsProduction(key, approvers);

/** How many people beside this one could approve with a key they have. Who holds no such key helps nobody (T14). */
function othersAble(approvers: Approvers, humanId: string, requirements: Requirements): number {
  const { humans, keys } = approvers;
  const able = new Set(
    [...keys.values()].filter((key) => key.active && isOfClass(approvers, key, requirements)).map((key) => key.humanId),
  );
  return [...humans.values()].filter(
    ({ id, active, role }) => id !== humanId && active && requirements.roles.includes(role) && able.has(id),
  ).length;
}
