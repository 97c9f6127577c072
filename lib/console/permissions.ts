import { type ApproverAuthority, type ApproverRefusal, type Approvers, approverRefusal } from '#lib/approvals';
import type { SignedHuman, SignedKey } from '#lib/authority';
import type { Db } from '#lib/db';
import { canDecide, isOpen } from '#lib/requests';
import type { Preview } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';
import type { RequestState, RequestView, Viewer } from '#lib/views';
import { acceptsClaimed } from './read/production-keys';

/** Who could approve, and whether anybody may now. */
export interface Deciding extends Approvers {
  readonly frozen: boolean;
}

/** It comes from rows and serves hints alone: the warden asks the chain. */
export async function readDeciding(db: Db): Promise<Deciding> {
  const [accepts, people, freezes] = await Promise.all([
    acceptsClaimed(db),
    db.human.findMany({
      where: { state: 'active' },
      select: { id: true, role: true, keys: { where: { state: 'active' }, select: { id: true, class: true } } },
    }),
    db.freeze.count({ where: { thawedAt: null } }),
  ]);
  const active = true;
  return {
    frozen: freezes > 0,
    acceptsClaimed: accepts,
    humans: new Map(people.map(({ id, role }) => [id, { id, role: role as SignedHuman['role'], active }])),
    keys: new Map(
      people.flatMap(({ id: humanId, keys }) =>
        keys.map((key) => [key.id, { humanId, class: key.class as SignedKey['class'], active }] as const),
      ),
    ),
  };
}

const NO_KEY = 'Approving takes a security key. You have none that counts yet.';
const WHY_NOT: Readonly<Record<ApproverRefusal, string>> = {
  target: 'The target of this request is not there any more.',
  unknown: NO_KEY,
  inactive: NO_KEY,
  role: 'Your role reads everything and decides nothing.',
  blocked: 'Nobody can approve it, for the reason that stands under what it would do.',
  key_class:
    'Production is approved with a hardware key. So is what lies in an environment that nobody could find out. You only have a synced passkey.',
  key_unproven:
    'Production is approved with a key whose maker proved that it is hardware. So is what lies in an environment that nobody could find out. Nobody proved that of yours, and this installation takes no such key there.',
  own_agent: 'This is your own agent. Somebody else has to approve what it asks.',
};

const FROZEN = 'Everything is frozen, so nothing is approved until an owner’s key has ended that.';

interface Asked {
  readonly state: RequestState;
  readonly agentOwnerId: string;
  readonly target: {
    readonly id: string;
    readonly config: TargetConfig;
    readonly chainHash: string;
    readonly active: boolean;
  };
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  /** Null until the warden has made it. */
  readonly preview: Preview | null;
}

/** What this person may do with this request, for buttons. The warden decides by the same rule over what is signed. */
export function hintsFor(viewer: Viewer, asked: Asked, deciding: Deciding): Pick<RequestView, 'may' | 'soleOwner'> {
  const open = isOpen(asked.state);
  const deny = open && mayDeny(viewer);
  if (!open) return { may: { approve: false, whyNot: null, deny }, soleOwner: false };
  const refusal = refusalFor(viewer, asked, deciding);
  if (refusal !== null) return { may: { approve: false, whyNot: WHY_NOT[refusal], deny }, soleOwner: false };
  if (deciding.frozen) return { may: { approve: false, whyNot: FROZEN, deny }, soleOwner: false };
  const soleOwner = asked.agentOwnerId === viewer.id;
  if (!canDecide(asked.state)) {
    return { may: { approve: false, whyNot: 'It is still being looked up what this would do.', deny }, soleOwner };
  }
  return { may: { approve: true, whyNot: null, deny }, soleOwner };
}

/** Whether this person may deny: a session of an owner or an approver is enough (P9), also for their own agent's request. */
export const mayDeny = ({ role }: Pick<Viewer, 'role'>): boolean => role === 'owner' || role === 'approver';

function refusalFor(viewer: Viewer, asked: Asked, approvers: Approvers): ApproverRefusal | null {
  const { target, verbs, resources } = asked;
  const { name, kind, environment } = target.config;
  const facts = {
    agent: { owner: { id: asked.agentOwnerId } },
    target: { id: target.id, name, kind, environment, chainHash: target.chainHash },
    verbs,
    resources,
  };
  const by = { humanId: viewer.id, keyId: BEST_KEY };
  return approverRefusal(authorityFor(viewer, target, approvers), facts, asked.preview, by);
}

/** Stands for the strongest of the viewer's keys, whichever it is: they may pick it on the signing page. */
const BEST_KEY = 'the best key of the viewer';

/** The rows in the shape of an authority, with the viewer as their open session knows them. */
function authorityFor(viewer: Viewer, target: Asked['target'], approvers: Approvers): ApproverAuthority {
  const { humans, keys } = approvers;
  const { id, role, bestKey } = viewer;
  const own = bestKey === null ? [] : [[BEST_KEY, { humanId: id, class: bestKey, active: true }] as const];
  return {
    ...approvers,
    humans: new Map([...humans, [id, { id, role, active: true }]]),
    keys: new Map([...keys, ...own]),
    targets: new Map([[target.id, target]]),
  };
}
