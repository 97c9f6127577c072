import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { looksLikeToken, sha256Base64url } from '#lib/core';
import { connect, type Db, transact } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { person } from '#testing/people';
import { AgentEdit, changeAgentState, editAgent, NewAgent, PublicJwk, registerAgent, rotateToken } from './agents';

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
const register = (role: Role, input: object) =>
  transact(web, (tx, now) => registerAgent(tx, now, as(role), NewAgent.parse(input)));

describe('registering an agent', () => {
  it('shows a checksummed token once and stores nothing but its hash and last four characters', async () => {
    const { id, token } = await register('owner', { name: 'deploy-bot', description: 'Deploys.' });
    expect(looksLikeToken('ask', token)).toBe(true);
    const row = await web.agent.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      ownerId: cast.owner,
      state: 'active',
      tokenHash: sha256Base64url(token),
      tokenHint: token.slice(-4),
    });
    const events = await web.auditEvent.findMany({ where: { agentId: id } });
    expect(events).toHaveLength(1);
    expect(JSON.stringify([row, events.map((event) => event.body)])).not.toContain(token);
  });

  it.each(['deploy-bot', 'DEPLOY-BOT', 'Deploy-Bot'])('refuses %s where deploy-bot exists (T65)', async (name) => {
    await expect(register('owner', { name })).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each(['', ' bot', 'bot ', 'bоt', 'b\u200Bot', 'b\u202Eot', 'bot\n', 'x'.repeat(61), 'bot (deleted abc)'])(
    'refuses the name %j (T20)',
    (name) => {
      expect(NewAgent.safeParse({ name }).success).toBe(false);
    },
  );

  it('lets approvers register for themselves only, and reviewers not at all', async () => {
    await expect(register('approver', { name: 'mine' })).resolves.toMatchObject({ id: expect.stringMatching(/^agt_/) });
    await expect(register('approver', { name: 'theirs', ownerId: cast.owner })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(register('reviewer', { name: 'none' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(register('owner', { name: 'for-reviewer', ownerId: cast.reviewer })).rejects.toMatchObject({
      code: 'invalid_request',
    });
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
  it('kills the old token by rotating', async () => {
    const { id, token } = await register('owner', { name: 'rotated' });
    const next = await transact(web, (tx, now) => rotateToken(tx, now, as('owner'), id));
    expect(await web.agent.findUnique({ where: { tokenHash: sha256Base64url(token) } })).toBeNull();
    expect(await web.agent.findUnique({ where: { tokenHash: sha256Base64url(next.token) } })).toMatchObject({ id });
  });

  it('edits what is given, records what differs, and refuses another’s name', async () => {
    const { id } = await register('owner', { name: 'edited', description: 'Before.' });
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const edit = (change: object) =>
      transact(web, (tx, now) => editAgent(tx, now, as('owner'), id, AgentEdit.parse(change)));
    await edit({ name: 'Edited', description: 'Before.', publicJwk: jwk });
    await edit({ name: 'Edited', publicJwk: jwk });
    await edit({});
    expect(await web.agent.findUniqueOrThrow({ where: { id } })).toMatchObject({ name: 'Edited', publicJwk: jwk });
    await edit({ publicJwk: null });
    expect(await web.agent.findUniqueOrThrow({ where: { id } })).toMatchObject({ publicJwk: null });
    await expect(edit({ name: 'deploy-bot' })).rejects.toMatchObject({ code: 'conflict' });
    const events = await web.auditEvent.findMany({ where: { agentId: id }, orderBy: { seq: 'asc' } });
    expect(events.map(({ kind }) => kind)).toEqual([
      'agent.registered',
      'agent.edited',
      'agent.key_changed',
      'agent.key_changed',
    ]);
  });

  it('frees a deleted agent’s name and never brings the agent back', async () => {
    const { id } = await register('owner', { name: 'gone' });
    const move = (to: 'deleted' | 'active') =>
      transact(web, (tx, now) => changeAgentState(tx, now, as('owner'), id, to));
    await move('deleted');
    await expect(move('active')).rejects.toMatchObject({ code: 'not_found' });
    await expect(register('owner', { name: 'gone' })).resolves.toBeDefined();
  });

  it('is for owners and for the agent’s own approver: others are told no, and of no agent nothing', async () => {
    const { id } = await register('owner', { name: 'guarded' });
    const tries = async (role: Role, agentId: string) => {
      const outcomes = await Promise.allSettled([
        transact(web, (tx, now) => rotateToken(tx, now, as(role), agentId)),
        transact(web, (tx, now) => changeAgentState(tx, now, as(role), agentId, 'disabled')),
        transact(web, (tx, now) => editAgent(tx, now, as(role), agentId, { name: 'other' })),
      ]);
      return outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done'));
    };
    expect(await tries('approver', id)).toEqual(['forbidden', 'forbidden', 'forbidden']);
    expect(await tries('reviewer', id)).toEqual(['forbidden', 'forbidden', 'forbidden']);
    expect(await tries('owner', 'agt_00000000000000000000')).toEqual(['not_found', 'not_found', 'not_found']);
  });
});
