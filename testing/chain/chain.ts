import { generateKeyPairSync } from 'node:crypto';
import { type Authority, type ChainRow, chainHash, type Pin, replay, sealGenesis } from '#lib/authority';
import { base64url, type Json, newId, parseStrictJson, randomToken } from '#lib/core';
import { signRecord } from '#lib/records';
import {
  type ChainStatement,
  challengeOf,
  type Genesis,
  type KeyFacts,
  type Retirement,
  sealStatement,
  verifyRegistration,
} from '#lib/statement';
import { SIGN } from '#testing/people';
import { NO_MAKERS, type SoftKey, softKey } from '#testing/security-key';

/*
 * Only for tests: people with keys, and entries of an authority chain as they sign them.
 */

/** Somebody with a key. */
export interface Cast {
  readonly human: Genesis['human'];
  readonly enrolled: KeyFacts;
  readonly key: SoftKey;
}

export async function cast(name: string, role: Genesis['human']['role'], synced = false): Promise<Cast> {
  const key = softKey(SIGN, { synced });
  const challenge = challengeOf(name);
  const {
    transports: _,
    counter: __,
    unproven: ___,
    ...facts
  } = await verifyRegistration({
    registration: key.register(base64url(challenge)),
    ...{ challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() },
  });
  return {
    key,
    human: { id: newId('hum'), name, email: `${name.toLowerCase()}@example.com`, role },
    enrolled: { ...facts, id: newId('key'), label: `${name}’s key` },
  };
}

export type Body = ChainStatement extends infer S
  ? S extends ChainStatement
    ? Omit<S, keyof ReturnType<typeof head> | 'prev'>
    : never
  : never;

const head = (by: Cast) => ({
  type: 'countersign/statement' as const,
  version: 1 as const,
  nonce: randomToken(24),
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:05:00.000Z',
  approver: { id: by.human.id, name: by.human.name },
  key: { id: by.enrolled.id, class: by.enrolled.class },
  log: { events: 0, head: null },
});

export const statementOf = (by: Cast, prev: string, body: Body): ChainStatement =>
  ({ ...head(by), prev, ...body }) as ChainStatement;

export function rowOf(by: Cast, authority: Authority, body: Body, how = {}): ChainRow {
  const statement = sealStatement(statementOf(by, authority.head.hash, body));
  const assertion = by.key.assert(base64url(challengeOf(statement)), how);
  return { seq: authority.head.seq + 1, hash: chainHash(statement), kind: body.kind, statement, assertion };
}

/** The warden of these chains: what it signs itself is verified by its public key. */
export const WARDEN = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const VERIFIER = { ...SIGN, warden: WARDEN.publicKey };

/** That the warden takes somebody's key out of use. */
export function retiredRow({ human, enrolled }: Cast, authority: Authority, key = WARDEN.privateKey): ChainRow {
  const about = { human: { id: human.id, name: human.name }, retired: { id: enrolled.id, label: enrolled.label } };
  const entry = {
    ...{ type: 'countersign/statement', version: 1, kind: 'key.retire', issuedAt: '2026-01-01T00:00:00.000Z' },
    ...about,
    ...{ prev: authority.head.hash, why: 'it counted backwards.' },
  } as Retirement;
  const { body, signature } = signRecord(key, 'entry', entry as unknown as Json);
  const [seq, hash] = [authority.head.seq + 1, chainHash(body)];
  return { seq, hash, kind: entry.kind, statement: body, assertion: { signature } };
}

/** The row with the warden's signature beside the person's. */
export function besides(row: ChainRow, key = WARDEN.privateKey): ChainRow {
  const { signature } = signRecord(key, 'entry', parseStrictJson(row.statement));
  return { ...row, assertion: { ...(row.assertion as object), signature } };
}

/** A first entry, and the authority that it makes. */
export async function begun({ human, enrolled }: Cast): Promise<{ pin: Pin; row: ChainRow; authority: Authority }> {
  const statement = sealGenesis({
    type: 'countersign/statement',
    version: 1,
    kind: 'installation.set_up',
    installation: 'i',
    rpId: SIGN.rpId,
    issuedAt: '2026-01-01T00:00:00.000Z',
    human,
    enrolled,
    gateway: 'G'.repeat(43),
    acceptsClaimed: true,
  });
  const hash = chainHash(statement);
  const pin = { genesis: statement, head: { seq: 1, hash } };
  const row = { seq: 1, hash, kind: 'installation.set_up', statement, assertion: null };
  return { pin, row, authority: await replay(pin, [row], SIGN) };
}

export const admitted = ({ human, enrolled }: Cast) => ({ kind: 'human.admit', human, enrolled }) as const;
