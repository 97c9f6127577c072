import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db, listen } from '#lib/db';
import type { Role, Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { agent, grant, person, target, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { freezeAll, readFreeze } from './freeze';

let db: Db;
let owner: Db;
const cast: Record<Role, string> = { owner: '', approver: '', reviewer: '' };

beforeAll(async () => {
  const database = await freshDatabase();
  db = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  provideWeb({ db, listener: listen(database.webUrl), env: webEnvOf(database.webUrl) });
  for (const role of Object.keys(cast) as Role[]) cast[role] = (await person(owner, { role, name: role })).id;
});

const viewer = (role: Role): Viewer => ({
  id: cast[role],
  name: role,
  email: 'x@example.com',
  role,
  sessionId: 'ses_x',
  method: 'key',
  bestKey: null,
});

describe('freezing', () => {
  it('is not for reviewers', async () => {
    await expect(freezeAll(viewer('reviewer'), { reason: 'Odd.' })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await readFreeze()).toBeNull();
  });

  it('takes one press and no key, ends everything live, and is the same freeze however many press (P9, T64)', async () => {
    const agentId = (await agent(owner, cast.owner)).id;
    const targetId = (await target(owner)).id;
    for (const state of ['ready', 'active'] as const)
      await grant(owner, { agentId, targetId, requestId: '' }, { state, kind: 'resting', requestId: null });
    const pressed = await Promise.all(
      (['approver', 'owner', 'owner'] as const).map((role) => freezeAll(viewer(role), { reason: 'Odd.' })),
    );
    expect(new Set(pressed.map(({ id }) => id)).size).toBe(1);
    expect(await readFreeze()).toMatchObject({ id: pressed[0]?.id, reason: 'Odd.' });
    expect(await db.grant.count({ where: { state: 'ending', endReason: 'revoked' } })).toBe(2);
    expect(await db.auditEvent.count({ where: { kind: 'freeze.begun' } })).toBe(1);
  });
});
