import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalText, DomainError, parseStrictJson, sha256Base64url } from '#lib/core';
import { openRecord } from '#lib/records';
import {
  Assertion,
  type ChainStatement,
  challengeOf,
  Genesis,
  openStatement,
  type RelyingParty,
  type Renewal,
  type Retirement,
  verifyAssertion,
  WardenEntry,
} from '#lib/statement';
import { renewalRefusal } from './agent-rules';
import { apply, factsOf, signedKey } from './apply';
import type { Authority } from './authority';
import { retirementRefusal, signerOf } from './keys';
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

/** By what entries are verified: the origin where people sign, and the warden's public key for what no person signs. */
export interface Verifier extends RelyingParty {
  readonly warden?: KeyObject;
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
export async function replay(pin: Pin, rows: readonly ChainRow[], verifier: Verifier): Promise<Authority> {
  const [first, ...rest] = rows;
  if (first === undefined) throw broken(1, 'it is empty.');
  let authority = genesis(pin, first);
  for (const row of rest) authority = await extend(authority, row, verifier);
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
    agents: new Map(),
    rests: new Map(),
    thawed: new Map(),
    gatewayKey: parsed.gateway,
    acceptsClaimed: parsed.acceptsClaimed ?? false,
    recovery: recovery === undefined ? null : signedKey(recovery, human.id),
  };
}

/**
 * Adds one entry: it links to the head, a key of this authority signed it on the
 * sign origin, and that person was allowed to. Throws `minting_stopped`.
 */
export async function extend(authority: Authority, row: ChainRow, verifier: Verifier): Promise<Authority> {
  const statement = WARDENS.includes(row.kind) ? openWardens(row, verifier) : openChainStatement(row);
  if (row.seq !== authority.head.seq + 1 || statement.prev !== authority.head.hash)
    throw broken(row.seq, 'it does not follow the one before.');
  if (row.hash !== chainHash(row.statement)) throw broken(row.seq, 'its hash is wrong.');
  if (statement.kind === 'agent.renew') return renew(authority, statement, row);
  if (statement.kind === 'key.retire') return retire(authority, statement, row);
  const key = signerOf(authority, statement.key.id);
  const assertion = Assertion.safeParse(row.assertion);
  if (key === undefined || !assertion.success) throw broken(row.seq, 'no known key signed it.');
  const refusal = changeRefusal(authority, statement);
  if (refusal !== null) throw broken(row.seq, refusal);
  // That its delay was kept.
  if (key === authority.recovery) wardensWord(row, verifier, z.unknown());
  await verifyAssertion({
    assertion: assertion.data,
    authenticator: { ...key, counter: 0n },
    challenge: challengeOf(row.statement),
    relyingParty: verifier,
  }).catch((cause: unknown) => {
    throw broken(row.seq, 'its signature is wrong.', cause);
  });
  return apply(authority, statement, { seq: row.seq, hash: row.hash });
}

const WARDENS: readonly string[] = WardenEntry.options.map(({ shape }) => shape.kind.value);

/** The warden has signed that an agent proved its key for this very statement, or what it saw of a key. */
function openWardens(row: ChainRow, verifier: Verifier): WardenEntry {
  const entry = wardensWord(row, verifier, WardenEntry);
  if (entry.kind !== row.kind) throw broken(row.seq, 'its bytes are not a statement.');
  return entry;
}

function wardensWord<T>({ seq, statement, assertion }: ChainRow, { warden }: Verifier, schema: z.ZodType<T>): T {
  const { signature } = Signature.safeParse(assertion).data ?? { signature: '' };
  const said = warden && openRecord(warden, 'entry', schema, { body: statement, signature });
  if (!said) throw broken(seq, 'the warden has not signed it.');
  return said;
}

const Signature = z.object({ signature: z.string() });

/** An agent’s new token; the old one goes on for a while. */
function renew(authority: Authority, renewal: Renewal, { seq, hash }: ChainRow): Authority {
  const agent = authority.agents.get(renewal.agent.id);
  const refusal = renewalRefusal(authority, renewal);
  if (agent === undefined || refusal !== null) throw broken(seq, refusal ?? 'there is no such agent.');
  const before = { tokenHash: agent.tokenHash, until: new Date(renewal.until) };
  const agents = new Map(authority.agents).set(agent.id, { ...agent, ...factsOf(renewal.secrets, renewal), before });
  return { ...authority, head: { seq, hash }, agents };
}

function retire(authority: Authority, { retired: { id } }: Retirement, { seq, hash }: ChainRow): Authority {
  const key = authority.keys.get(id);
  const refusal = retirementRefusal(authority, id);
  if (key === undefined || refusal !== null) throw broken(seq, refusal ?? 'there is no such key.');
  return { ...authority, head: { seq, hash }, keys: new Map(authority.keys).set(id, { ...key, active: false }) };
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

/** Spells a genesis entry in its canonical bytes. */
export const sealGenesis = (value: Genesis): string => canonicalText(Genesis.parse(value));
