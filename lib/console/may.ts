import type { Db } from '#lib/db';
import { mayApprove, type Refusal, requirementsOf } from '#lib/policy';
import type { Preview } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';
import type { RequestState, RequestView, Viewer } from '#lib/views';

/** People who could sign at all, with the classes of their keys: rows, so only good for hints. */
export type Roster = ReadonlyArray<{ readonly id: string; readonly classes: readonly string[] }>;

/** Active owners and approvers and their active keys. */
export async function readRoster(db: Db): Promise<Roster> {
  const people = await db.human.findMany({
    where: { state: 'active', role: { in: ['owner', 'approver'] } },
    select: { id: true, keys: { where: { state: 'active' }, select: { class: true } } },
  });
  return people.map(({ id, keys }) => ({ id, classes: keys.map((key) => key.class) }));
}

const WHY_NOT: Record<Refusal, string> = {
  not_active: 'Approving takes a security key. You have none that counts yet.',
  role: 'Your role reads everything and decides nothing.',
  key_class:
    'Production is approved with a hardware key. So is what lies in an environment that nobody could find out. You only have a synced passkey.',
  own_agent: 'This is your own agent. Somebody else has to approve what it asks.',
};

interface Asked {
  readonly state: RequestState;
  readonly agentOwnerId: string;
  readonly target: TargetConfig;
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  /** Null until the warden has looked. */
  readonly preview: Preview | null;
}

/** What this person may do with this request, for buttons. The warden asks the same of what was signed. */
export function hintsFor(viewer: Viewer, asked: Asked, roster: Roster): Pick<RequestView, 'may' | 'soleOwner'> {
  const open = asked.state === 'preparing' || asked.state === 'pending';
  const deny = open && mayDeny(viewer);
  if (!open) return { may: { approve: false, whyNot: null, deny }, soleOwner: false };
  const refusal = refusalOf(viewer, asked, roster);
  if (refusal !== null) return { may: { approve: false, whyNot: WHY_NOT[refusal], deny }, soleOwner: false };
  const soleOwner = asked.agentOwnerId === viewer.id;
  if (asked.state === 'preparing') {
    return { may: { approve: false, whyNot: 'The warden is still finding out what this would do.', deny }, soleOwner };
  }
  return { may: { approve: true, whyNot: null, deny }, soleOwner };
}

/** Saying no is easy (P9): a session of an owner or approver is enough, also for one's own agent. */
export const mayDeny = ({ role }: Pick<Viewer, 'role'>): boolean => role === 'owner' || role === 'approver';

function refusalOf(viewer: Viewer, asked: Asked, roster: Roster): Refusal | null {
  const requirements = requirementsOf(asked.target, asked, asked.preview);
  const fits = (keyClass: string): boolean => requirements.keyClass === 'any' || keyClass !== 'synced';
  const others = roster.filter(({ id, classes }) => id !== viewer.id && classes.some(fits));
  const { bestKey } = viewer;
  return mayApprove(
    requirements,
    { humanId: viewer.id, role: viewer.role, active: true, keyClass: bestKey ?? 'synced', keyActive: bestKey !== null },
    {
      agentOwnerId: asked.agentOwnerId,
      soleOwnerMayApprove: asked.target.soleOwnerMayApprove,
      otherApprovers: others.length,
    },
  );
}
