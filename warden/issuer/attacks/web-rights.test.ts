import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { withClient } from '#scripts/postgres';
import {
  addTarget,
  approve,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';

/*
 * Whatever web's role may write, table and column, and what a thief of the web
 * server makes of it: each is tried, and gets nobody anything (P1, P3, P9). A right
 * that is given to web fails here until somebody has said what a thief does with it.
 */

let house: House;
let service: string;
let agent: TestAgent;
/** Approved with a cooldown that is not over, collected, and undecided. */
let waiting: string;
let live: string;
let open: string;

const ASK = { resources: ['deploy/api'], verbs: ['start'] };

beforeAll(async () => {
  house = await openHouse();
  service = await addTarget(house, serviceConfig(serviceToken()));
  agent = await newAgent(house);
  waiting = await approve(house, await file(house, agent, service, ASK));
  await withClient(house.database.adminUrl, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query("UPDATE grants SET state = 'waiting', ready_at = now() + interval '1 hour' WHERE id = $1", [
      waiting,
    ]);
  });
  live = await approve(house, await file(house, agent, service, ASK));
  await collect(house, live, { token: agent.collect });
  open = await file(house, agent, service, ASK);
});
afterAll(() => house.close());

const web = (sql: string, ...values: readonly unknown[]) =>
  withClient(house.database.webUrl, (client) => client.query(sql, [...values]));
const owner = () => house.ada.human.id;
const soon = () => new Date(Date.now() + 600_000);

interface Right {
  /** What a thief does with it, in the order of columns. */
  readonly tried: string;
  readonly attack: () => Promise<unknown>;
}

const RIGHTS: Readonly<Record<string, Right>> = {
  'INSERT audit_events (id, kind, at, actor, agent_id, human_id, target_id, request_id, grant_id, body)': {
    tried: 'say that a person approved: kinds of the warden’s are refused (lib/audit/reported.test.ts)',
    attack: () =>
      expect(
        web(
          "INSERT INTO audit_events (id, kind, at, actor, body) VALUES ('evt_x', 'request.approved', now(), $1, '{}')",
          owner(),
        ),
      ).rejects.toMatchObject({ code: '42501' }),
  },
  'INSERT freezes (id, human_id, reason, begun_at)': {
    tried: 'stop everything in anybody’s name; nothing is started by it (warden/freeze/freeze.test.ts)',
    attack: () => expect(web('UPDATE freezes SET thawed_at = now()')).rejects.toMatchObject({ code: '42501' }),
  },
  'INSERT invitations (every column)': {
    tried: 'invite an owner of their own, admitted already: rows of people are the warden’s',
    attack: async () => {
      const row = [newId('inv'), newId('hum'), owner(), soon()];
      await web(
        `INSERT INTO invitations (id, code_hash, name, email, role, invited_by, expires_at, used_at, human_id)
         VALUES ($1, $1, 'Mallory', 'm@example.com', 'owner', $3, $4, now(), $2)`,
        ...row,
      );
      await expect(
        web("INSERT INTO humans (id, name, email, role, state) VALUES ($1, 'M', 'm', 'owner', 'active')", row[1]),
      ).rejects.toMatchObject({ code: '42501' });
    },
  },
  'INSERT oidc_links (every column)': {
    tried: 'sign in as an owner with an account of their own: a session, which signs nothing',
    attack: () => web('INSERT INTO oidc_links (issuer, subject, human_id) VALUES ($1, $1, $2)', newId('ses'), owner()),
  },
  'INSERT requests (every column)': {
    tried: 'file in an agent’s name what is approved already, with a preview of their own',
    attack: async () => {
      const id = newId('req');
      await web(
        `INSERT INTO requests (id, agent_id, target_id, resources, verbs, ttl_seconds, reason, state, danger, preview,
           preview_seal, decided_by, decided_at, created_at, decide_by)
         VALUES ($1, $2, $3, '{deploy/*}', '{stop}', 3600, 'why', 'approved', 0, '{"effects":["Reads."]}', 'seal', $4, now(), now(), $5)`,
        ...[id, agent.id, service, owner(), soon()],
      );
      expect(await house.owner.grant.count({ where: { requestId: id } })).toBe(0);
    },
  },
  'INSERT sessions (every column)': {
    tried: 'be anybody at the console: a session signs nothing',
    attack: () =>
      web(
        "INSERT INTO sessions (id, human_id, method, user_agent, expires_at) VALUES ($1, $2, 'key', '', $3)",
        ...[newId('ses'), owner(), soon()],
      ),
  },
  'INSERT sign_in_challenges (every column)': {
    tried: 'keep a challenge from being answered: somebody tries again',
    attack: () => web('INSERT INTO sign_in_challenges (challenge, expires_at) VALUES ($1, $2)', newId('ses'), soon()),
  },
  'INSERT tickets (every column)': {
    tried: 'have a person shown something at the sign origin: a ticket allows nothing',
    attack: () =>
      web(
        `INSERT INTO tickets (token_hash, human_id, kind, params, expires_at) VALUES ($1, $2, 'agent.register', '{"name":"x"}', $3)`,
        ...[newId('drf'), owner(), soon()],
      ),
  },
  'DELETE sign_in_challenges': {
    tried: 'take one away: who signs in tries again',
    attack: () => web('DELETE FROM sign_in_challenges'),
  },
  'UPDATE agents (description, last_seen_at, state)': {
    tried: 'turn on what was turned off (warden/authority/agents.test.ts); turning off is a no',
    attack: async () => {
      await web("UPDATE agents SET description = 'trusted', last_seen_at = now()");
      const other = await newAgent(house);
      await web("UPDATE agents SET state = 'disabled' WHERE id = $1", other.id);
      for (const state of ['active', 'disabled']) {
        if (state === 'disabled') await web("UPDATE agents SET state = 'deleted' WHERE id = $1", other.id);
        await expect(web('UPDATE agents SET state = $2 WHERE id = $1', other.id, state)).rejects.toMatchObject({
          code: '42501',
        });
      }
    },
  },
  'UPDATE grants (end_reason, ended_by, ending_at, retry_at, state, version)': {
    tried: 'end the cooldown, call dead what lives, put off an end for good',
    attack: async () => {
      await web("UPDATE grants SET state = 'ready' WHERE id = $1 AND state = 'waiting'", waiting);
      await expect(
        web("UPDATE grants SET state = 'ended', end_reason = 'revoked' WHERE id = $1", live),
      ).rejects.toMatchObject({
        code: '23514',
      });
      await expect(web("UPDATE grants SET state = 'ready' WHERE id = $1", live)).rejects.toMatchObject({
        code: '23514',
      });
      // Put off for a thousand years it is tried again within the minute (warden/ending/ending.test.ts).
      await web(
        "UPDATE grants SET retry_at = now() + interval '1000 years', version = version + 1 WHERE id = $1",
        live,
      );
    },
  },
  'UPDATE invitations (expires_at)': {
    tried: 'keep an invitation open: an owner’s key admits whoever comes by it',
    attack: () => web("UPDATE invitations SET expires_at = now() + interval '9 years'"),
  },
  'INSERT key_sign_ins (every column)': {
    tried: 'keep a key from signing in, by a counter of its own making; it signs statements all the same',
    attack: () => web("INSERT INTO key_sign_ins VALUES ('key_of_nobody', 9, now())"),
  },
  'UPDATE key_sign_ins (counter, used_at)': {
    tried: 'let a cloned key sign in: what statements are signed with counts in a file of the warden’s',
    attack: async () => {
      await web('UPDATE key_sign_ins SET counter = 0, used_at = now()');
      await expect(web('UPDATE keys SET counter = 0')).rejects.toMatchObject({ code: '42501' });
    },
  },
  'UPDATE requests (decided_at, decided_by, state, state_reason, version)': {
    tried: 'approve, or take a decision back: a trigger refuses both',
    attack: async () => {
      await expect(
        web("UPDATE requests SET state = 'approved', decided_by = $2 WHERE id = $1", open, owner()),
      ).rejects.toMatchObject({
        code: '42501',
      });
      await web("UPDATE requests SET state = 'denied' WHERE id = $1", open);
      await expect(web("UPDATE requests SET state = 'pending' WHERE id = $1", open)).rejects.toMatchObject({
        code: '23514',
      });
    },
  },
  'UPDATE sessions (last_seen_at, revoked_at)': {
    tried: 'put a session back that ended: it signs nothing, and who is gone is asked of the chain',
    attack: () => web('UPDATE sessions SET revoked_at = NULL, last_seen_at = now()'),
  },
};

/** As the database has them, in the words of the table above. */
async function rights(): Promise<string[]> {
  const { rows } = await withClient(house.database.ownerUrl, (client) =>
    client.query<{ line: string }>(`
      WITH whole AS (SELECT table_name, privilege_type FROM information_schema.role_table_grants
          WHERE grantee = 'countersign_web' AND table_schema = 'public' AND privilege_type <> 'SELECT'),
        columns_of AS (SELECT table_name, privilege_type, string_agg(column_name, ', ' ORDER BY ordinal_position) AS columns,
            string_agg(column_name, ', ' ORDER BY column_name) AS sorted
          FROM information_schema.role_column_grants JOIN information_schema.columns USING (table_schema, table_name, column_name)
          WHERE grantee = 'countersign_web' AND table_schema = 'public' AND privilege_type IN ('INSERT', 'UPDATE')
          GROUP BY 1, 2)
      SELECT privilege_type || ' ' || table_name || CASE privilege_type WHEN 'DELETE' THEN '' ELSE ' (every column)' END AS line FROM whole
      UNION ALL
      SELECT privilege_type || ' ' || table_name || ' (' || CASE privilege_type WHEN 'INSERT' THEN columns ELSE sorted END || ')'
      FROM columns_of s WHERE NOT EXISTS (SELECT FROM whole w WHERE (w.table_name, w.privilege_type) = (s.table_name, s.privilege_type))`),
  );
  return rows.map(({ line }) => line).sort();
}

/** What a credential rests on, and who may do what. Agents that an attack registers for itself, with a key, are left out. */
async function standing() {
  const entries = await house.owner.chainEntry.findMany({ where: { kind: { not: 'agent.register' } } });
  const { humans, keys, targets, rests } = await house.warden.authority.current(house.warden.db);
  const grants = await house.owner.grant.findMany({ where: { state: 'active' }, select: { id: true } });
  return {
    entries: entries.map(({ hash }) => hash),
    may: [humans, keys, targets, rests].map((each) => [...each.keys()]),
    approvals: await house.owner.approval.count(),
    live: grants.map(({ id }) => id).sort(),
  };
}

describe('What web may write', () => {
  test('is this and nothing else', async () => expect(await rights()).toEqual(Object.keys(RIGHTS).sort()));

  test.each(Object.entries(RIGHTS).map(([right, { tried, attack }]) => ({ right, tried, attack })))(
    '$right: $tried',
    async ({ attack }) => {
      const before = await standing();
      await attack();
      expect(await standing()).toEqual(before);
    },
  );

  test('leaves nothing to collect whose cooldown is not over, whatever its row says', async () => {
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: waiting } })).toMatchObject({ state: 'ready' });
    const { status, body } = await collect(house, waiting, { token: agent.collect });
    expect([status, body.code]).toEqual([409, 'conflict']);
  });
});
