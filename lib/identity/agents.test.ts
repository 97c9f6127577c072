import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db, transact } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { agent, person } from '#testing/people';
import { describeAnew, NewAgentFields, PublicJwk, turnAgentOff } from './agents';

let web: Db;
let owner: Db;
const cast = { owner: '', approver: '', reviewer: '' };
type Role = keyof typeof cast;

beforeAll(async () => {
  const database = await freshDatabase();
  web = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  for (const role of Object.keys(cast) as Role[]) cast[role] = (await person(owner, { role, name: role })).id;
});

const as = (role: Role) => ({ id: cast[role], role });
const registered = async (): Promise<string> => (await agent(owner, cast.owner)).id;

describe('a new agent', () => {
  it.each(['', ' bot', 'bot ', 'bоt', 'b\u200Bot', 'b\u202Eot', 'bot\n', 'x'.repeat(61)])(
    'is not named %j (T20)',
    (name) => {
      expect(NewAgentFields.safeParse({ name }).success).toBe(false);
    },
  );

  it('has secrets for ninety days, and for a year at most', () => {
    expect(NewAgentFields.parse({ name: 'bot' }).days).toBe(90);
    for (const days of [0, 366, 1.5, -1]) expect(NewAgentFields.safeParse({ name: 'bot', days }).success).toBe(false);
  });
});

describe('an agent’s public key', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const jwk = ec.publicKey.export({ format: 'jwk' });

  it('may be P-256 or Ed25519', () => {
    expect(PublicJwk.parse({ ...jwk, kid: 'one', alg: 'ES256', use: 'sig' })).toEqual(jwk);
    expect(PublicJwk.parse(ed.publicKey.export({ format: 'jwk' }))).toMatchObject({ kty: 'OKP' });
  });

  it.each([
    ['a private part', ec.privateKey.export({ format: 'jwk' })],
    ['another curve', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })],
    ['a point that is not on the curve', { ...jwk, y: jwk.x }],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['a key elsewhere', { ...jwk, jku: 'https://example.com' }],
  ])('is refused with %s (T24)', (_what, key) => {
    expect(PublicJwk.safeParse(key).success).toBe(false);
  });
});

describe('managing an agent', () => {
  it('notes what it is for, and records that once', async () => {
    const id = await registered();
    const note = (description: string) =>
      transact(web, (tx, now) => describeAnew(tx, now, as('owner'), id, { description }));
    await note('Deploys.');
    await note('Deploys.');
    expect(await web.agent.findUniqueOrThrow({ where: { id } })).toMatchObject({ description: 'Deploys.' });
    const events = await web.auditEvent.findMany({ where: { agentId: id } });
    expect(events.map(({ kind }) => kind)).toEqual(['agent.edited']);
  });

  it('frees a deleted agent’s name and never brings the agent back', async () => {
    const { id, name } = await agent(owner, cast.owner);
    const move = (to: 'deleted' | 'disabled') => transact(web, (tx, now) => turnAgentOff(tx, now, as('owner'), id, to));
    await move('deleted');
    await expect(move('disabled')).rejects.toMatchObject({ code: 'not_found' });
    await expect(agent(owner, cast.owner, { name })).resolves.toBeDefined();
  });

  it('is for owners and for the agent’s own approver: others are told no, and of no agent nothing', async () => {
    const id = await registered();
    const tries = async (role: Role, agentId: string) => {
      const outcomes = await Promise.allSettled([
        transact(web, (tx, now) => turnAgentOff(tx, now, as(role), agentId, 'disabled')),
        transact(web, (tx, now) => describeAnew(tx, now, as(role), agentId, { description: 'other' })),
      ]);
      return outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done'));
    };
    expect(await tries('approver', id)).toEqual(['forbidden', 'forbidden']);
    expect(await tries('reviewer', id)).toEqual(['forbidden', 'forbidden']);
    expect(await tries('owner', 'agt_00000000000000000000')).toEqual(['not_found', 'not_found']);
  });
});

/* A taken web server writes what its role may. */
describe('web’s role', () => {
  const refused = (sql: string, ...values: unknown[]) =>
    expect(web.$executeRawUnsafe(sql, ...values)).rejects.toMatchObject({
      message: expect.stringMatching(/42501|permission denied|takes a key/),
    });

  it('registers no agent, gives none other secrets, a name or an owner, and turns none on (T82)', async () => {
    const id = await registered();
    await refused(
      'INSERT INTO agents (id, name, description, owner_id, token_hash, token_hint, state, expires_at) SELECT $1, $1, description, owner_id, $1, token_hint, state, expires_at FROM agents LIMIT 1',
      'agt_new',
    );
    for (const column of ['token_hash', 'token_hint', 'name', 'owner_id', 'id'])
      await refused(`UPDATE agents SET ${column} = $1 WHERE id = $2`, 'x', id);
    await refused('UPDATE agents SET public_jwk = NULL WHERE id = $1', id);
    await refused('UPDATE agents SET expires_at = now() WHERE id = $1', id);
    await refused('DELETE FROM agents WHERE id = $1', id);
    await transact(web, (tx, now) => turnAgentOff(tx, now, as('owner'), id, 'disabled'));
    await refused("UPDATE agents SET state = 'active' WHERE id = $1", id);
    await transact(web, (tx, now) => turnAgentOff(tx, now, as('owner'), id, 'deleted'));
    await refused("UPDATE agents SET state = 'disabled' WHERE id = $1", id);
  });
});
