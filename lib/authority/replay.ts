import { canonicalText, DomainError, parseStrictJson, sha256Base64url } from '#lib/core';
import {
  Assertion,
  type ChainStatement,
  challengeOf,
  Genesis,
  type KeyFacts,
  openStatement,
  type RelyingParty,
  verifyAssertion,
} from '#lib/statement';
import type { Authority, SignedKey, SignedRest, SignedTarget } from './authority';
import { classOf, restKey, signerOf } from './authority';
import { changeRefusal } from './rules';

/** What the warden keeps outside the database: the first entry, and the last one it has seen. */
export interface Pin {
  readonly genesis: string;
  readonly head: { readonly seq: number; readonly hash: string };
}

/** An entry as the database has it. None of it is believed before it is verified. */
export interface ChainRow {
  readonly seq: number;
  readonly hash: string;
  readonly kind: string;
  readonly statement: string;
  readonly assertion: unknown;
}

const broken = (seq: number, why: string, cause?: unknown): DomainError =>
  new DomainError('minting_stopped', `The authority chain is broken at entry ${seq}: ${why}`, { cause });

/** Hashes an entry. The next entry names the hash as `prev`, and the pin keeps the last one. */
export const chainHash = (statement: string): string => sha256Base64url(`countersign/chain/v1\n${statement}`);

/**
 * Rebuilds the authority from the pin and every row, and checks each signature
 * and each right to sign. Throws `minting_stopped` where a row was forged,
 * changed, reordered or removed. The chain may have grown past the pin's head; a
 * chain without that head is an older database put back (T75).
 */
export async function replay(pin: Pin, rows: readonly ChainRow[], relyingParty: RelyingParty): Promise<Authority> {
  const [first, ...rest] = rows;
  if (first === undefined) throw broken(1, 'it is empty.');
  let authority = genesis(pin, first);
  for (const row of rest) authority = await extend(authority, row, relyingParty);
  if (!rows.some((row) => row.seq === pin.head.seq && row.hash === pin.head.hash)) {
    throw broken(pin.head.seq, 'the entry the warden remembers is missing. Was an older database restored?');
  }
  return authority;
}

function genesis(pin: Pin, row: ChainRow): Authority {
  if (row.seq !== 1 || row.statement !== pin.genesis || row.hash !== chainHash(pin.genesis)) {
    throw broken(1, 'it is not the entry the warden pinned.');
  }
  const parsed = Genesis.parse(parseStrictJson(row.statement));
  const { human, enrolled, recovery } = parsed;
  return {
    head: { seq: 1, hash: row.hash },
    humans: new Map([[human.id, { ...human, active: true }]]),
    keys: new Map([[enrolled.id, signedKey(enrolled, human.id)]]),
    targets: new Map(),
    rests: new Map(),
    thawed: new Map(),
    gatewayKey: parsed.gateway,
    // An installation of before was set up when such keys were all there was: its owners go on, and may end it.
    acceptsClaimed: parsed.acceptsClaimed ?? true,
    recovery: recovery === undefined ? null : signedKey(recovery, human.id),
  };
}

const signedKey = (enrolled: KeyFacts, humanId: string): SignedKey => ({
  ...enrolled,
  ...{ humanId, class: classOf(enrolled.class), active: true },
});

/**
 * Adds one entry: it links to the head, a key of this authority signed it on the
 * sign origin, and that person was allowed to. Throws `minting_stopped`.
 */
export async function extend(authority: Authority, row: ChainRow, relyingParty: RelyingParty): Promise<Authority> {
  const statement = openChainStatement(row);
  if (row.seq !== authority.head.seq + 1 || statement.prev !== authority.head.hash)
    throw broken(row.seq, 'it does not follow the one before.');
  if (row.hash !== chainHash(row.statement)) throw broken(row.seq, 'its hash is wrong.');
  const key = signerOf(authority, statement.key.id);
  const assertion = Assertion.safeParse(row.assertion);
  if (key === undefined || !assertion.success) throw broken(row.seq, 'no known key signed it.');
  const refusal = changeRefusal(authority, statement);
  if (refusal !== null) throw broken(row.seq, refusal);
  await verifyAssertion({
    assertion: assertion.data,
    authenticator: { ...key, counter: 0n },
    challenge: challengeOf(row.statement),
    relyingParty,
  }).catch((cause: unknown) => {
    throw broken(row.seq, 'its signature is wrong.', cause);
  });
  return apply(authority, statement, { seq: row.seq, hash: row.hash });
}

function openChainStatement(row: ChainRow): ChainStatement {
  try {
    const statement = openStatement(row.statement);
    if (statement.kind === 'request.approve' || statement.kind !== row.kind) throw new Error('not a chain statement');
    return statement;
  } catch (cause) {
    throw broken(row.seq, 'its bytes are not a statement.', cause);
  }
}

function apply(authority: Authority, statement: ChainStatement, head: Authority['head']): Authority {
  const humans = new Map(authority.humans);
  const keys = new Map(authority.keys);
  const targets = new Map(authority.targets);
  const rests = new Map(authority.rests);
  const thawed = new Map(authority.thawed);
  switch (statement.kind) {
    case 'human.admit':
      humans.set(statement.human.id, { ...statement.human, active: true });
      keys.set(statement.enrolled.id, signedKey(statement.enrolled, statement.human.id));
      break;
    case 'human.role':
      humans.set(statement.human.id, { ...statement.human, active: true });
      break;
    case 'human.disable':
      humans.set(statement.human.id, { ...statement.human, active: false });
      break;
    case 'key.enroll':
      keys.set(statement.enrolled.id, signedKey(statement.enrolled, statement.human.id));
      break;
    case 'key.disable': {
      const key = keys.get(statement.disabled.id);
      if (key !== undefined) keys.set(key.id, { ...key, active: false });
      break;
    }
    case 'target.add':
    case 'target.renew':
    case 'target.disable':
      changeTarget(targets, statement, head.hash);
      break;
    case 'rest.allow':
      rests.set(restKey(statement.agent.id, statement.target.id), signedRest(statement, head.hash));
      break;
    case 'freeze.thaw':
      thawed.set(statement.freezeId, new Date(statement.issuedAt));
      break;
    case 'rest.stop':
      rests.delete(restKey(statement.agent.id, statement.target.id));
      break;
    case 'gateway.replace':
    case 'keys.accept':
      break;
    default:
      return statement satisfies never;
  }
  const gatewayKey = statement.kind === 'gateway.replace' ? statement.thumbprint : authority.gatewayKey;
  const { acceptsClaimed } = statement.kind === 'keys.accept' ? statement : authority;
  const recovery = statement.key.id === authority.recovery?.id ? null : authority.recovery;
  return { head, humans, keys, targets, rests, thawed, gatewayKey, acceptsClaimed, recovery };
}

function signedRest(statement: Extract<ChainStatement, { kind: 'rest.allow' }>, chainHash: string): SignedRest {
  const { agent, target, reads, ttlSeconds } = statement;
  const { id: agentId, tokenThumbprint, keyThumbprint } = agent;
  return { agentId, tokenThumbprint, keyThumbprint, targetId: target.id, reads, ttlSeconds, chainHash };
}

type TargetChange = Extract<ChainStatement, { kind: 'target.add' | 'target.renew' | 'target.disable' }>;

function changeTarget(targets: Map<string, SignedTarget>, statement: TargetChange, hash: string): void {
  const { targetId: id } = statement;
  if (statement.kind === 'target.add') {
    const { target: config, secretDigest } = statement;
    targets.set(id, { id, config, secretDigest, chainHash: hash, active: true });
    return;
  }
  const target = targets.get(id);
  if (target === undefined) return;
  targets.set(id, statement.kind === 'target.disable' ? { ...target, active: false } : renewed(target, statement));
}

/** Takes over the new secret and schema. The chain hash stays, so approvals that name the target still stand. */
function renewed(target: SignedTarget, statement: Extract<TargetChange, { kind: 'target.renew' }>): SignedTarget {
  const { secretDigest, schemaHash } = statement;
  const { config } = target;
  return {
    ...target,
    secretDigest,
    config: config.kind === 'graphql' && schemaHash !== null ? { ...config, schemaHash } : config,
  };
}

/** Spells a genesis entry in its canonical bytes. */
export const sealGenesis = (value: Genesis): string => canonicalText(Genesis.parse(value));
