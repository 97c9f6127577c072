import { iso } from '#lib/core';
import { type Db, databaseNow, type Key, type Prisma } from '#lib/db';
import { openSessionsOf } from '#lib/identity';
import type { HumanView, InvitationView, KeyClass, KeyView, Role, SessionView, Viewer } from '#lib/views';
import { web } from '../web';
import { acceptsClaimed } from './production-keys';

export interface PeoplePage {
  readonly people: readonly HumanView[];
  /** Whether production takes keys whose hardware nobody proved. */
  readonly acceptsClaimed: boolean;
  readonly invitations: readonly InvitationView[];
}

/** Reads everyone with their keys, and the open invitations. */
export async function readPeople(_viewer: Viewer): Promise<PeoplePage> {
  const { db } = web();
  const [people, accepts, now] = await Promise.all([findPeople(db, {}), acceptsClaimed(db), databaseNow(db)]);
  const open = await db.invitation.findMany({
    where: { usedAt: null, expiresAt: { gt: now } },
    orderBy: { createdAt: 'desc' },
  });
  const invitations = open.map(({ id, name, email, role, expiresAt }) => ({
    id,
    name,
    email,
    role: role as Role,
    expiresAt: iso(expiresAt),
  }));
  return { people, acceptsClaimed: accepts, invitations };
}

export interface SettingsPage {
  readonly human: HumanView;
  readonly sessions: readonly SessionView[];
}

/** Reads the viewer's own keys and sessions; null where the person was removed meanwhile. */
export async function readSettings(viewer: Viewer): Promise<SettingsPage | null> {
  const { db } = web();
  const [[human], open] = await Promise.all([findPeople(db, { id: viewer.id }), openSessionsOf(db, viewer.id)]);
  if (human === undefined) return null;
  const sessions = open.map(({ id, method, userAgent, createdAt, lastSeenAt }) => ({
    id,
    userAgent,
    method: method as SessionView['method'],
    current: id === viewer.sessionId,
    createdAt: iso(createdAt),
    lastSeenAt: iso(lastSeenAt),
  }));
  return { human, sessions };
}

async function findPeople(db: Db, where: Prisma.HumanWhereInput): Promise<HumanView[]> {
  const rows = await db.human.findMany({
    where,
    orderBy: { createdAt: 'asc' },
    include: {
      keys: { orderBy: { createdAt: 'asc' } },
      _count: { select: { agents: { where: { state: { not: 'deleted' } } } } },
    },
  });
  const keyIds = rows.flatMap(({ keys }) => keys.map(({ id }) => id));
  const signIns = new Map(
    (await db.keySignIn.findMany({ where: { keyId: { in: keyIds } } })).map(({ keyId, usedAt }) => [keyId, usedAt]),
  );
  return rows.map(({ id, name, email, role, state, createdAt, keys, _count }) => ({
    id,
    name,
    email,
    role: role as Role,
    state: state as HumanView['state'],
    keys: keys.map((key) => keyView(key, signIns.get(key.id))),
    agents: _count.agents,
    createdAt: iso(createdAt),
  }));
}

const keyView = (key: Key, signedInAt: Date | undefined): KeyView => ({
  id: key.id,
  label: key.label,
  class: key.class as KeyClass,
  model: key.model,
  icon: key.icon,
  state: key.state as KeyView['state'],
  createdAt: iso(key.createdAt),
  lastUsedAt: lastOf(key.lastUsedAt, signedInAt),
});

/** Whichever it did last: sign a statement, or sign somebody in. */
function lastOf(signedAt: Date | null, signedInAt: Date | undefined): string | null {
  const times = [signedAt, signedInAt].flatMap((at) => (at ? [at.getTime()] : []));
  return times.length === 0 ? null : iso(new Date(Math.max(...times)));
}

export interface SignInChoices {
  /** Host of the OpenID Connect provider, or null where none is configured. */
  readonly oidc: string | null;
  /** Where a recovery code is typed. */
  readonly recoverUrl: string;
}

/** How one can sign in besides with a key. The sign-in page asks, so that this needs no session. */
export function signInChoices(): SignInChoices {
  const { oidc, signOrigin } = web().env;
  return { oidc: oidc === null ? null : new URL(oidc.issuer).host, recoverUrl: `${signOrigin}/recover` };
}
