import { type Authority, replay } from '#lib/authority';
import { DomainError, sha256Base64url } from '#lib/core';
import type { Db } from '#lib/db';
import type { RelyingParty } from '#lib/statement';
import type { Alarms } from '#warden/alarms';
import { type AuthorityCache, isOff } from '#warden/authority';
import type { Vault } from '#warden/vault';
import { compareProjection, type Projection } from './compare';

const SHOWN = 3;

interface Checking {
  readonly db: Db;
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly alarms: Alarms;
  readonly signing: RelyingParty;
}

/**
 * Compares the whole chain with its pin and the console's tables with the chain,
 * and raises or clears an alarm for each. It repairs nothing: what a thief wrote
 * is evidence, and the warden does not go by it. Throws where the database is
 * away.
 */
export async function checkProjection(warden: Checking): Promise<void> {
  const authority = await wholeChain(warden);
  if (authority === null) return;
  const rows = await readProjection(warden);
  // Rows of these are not written yet, because somebody holds one: that is no tampering.
  const settled = (await warden.db.rowsDue.count()) === 0;
  // A change that was signed while the tables were read looks like a difference: the next check decides.
  const after = await warden.authority.current(warden.db);
  if (after.head.hash !== authority.head.hash) return;
  keepCiphertexts(warden.vault, authority, rows.sealed);
  const differences = [
    ...turnedOn(warden.vault, authority, rows.agents),
    ...compareProjection(authority, rows, { settled }),
  ];
  if (differences.length === 0) warden.alarms.clear('projection_differs');
  else warden.alarms.raise('projection_differs', alarmText(differences));
}

/** Replays every row, since the cache reads only new ones: an old entry may have been changed meanwhile. */
async function wholeChain(warden: Checking): Promise<Authority | null> {
  const pin = warden.vault.readPin();
  if (pin === null) return null;
  const rows = await warden.db.chainEntry.findMany({ orderBy: { seq: 'asc' } });
  try {
    const verifier = { ...warden.signing, warden: warden.vault.publicKey };
    const authority = await replay(pin, rows, verifier);
    warden.alarms.clear('chain_broken');
    return authority;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'minting_stopped') throw error;
    warden.alarms.raise('chain_broken', `${error.message} Nothing is minted until the true rows are there again.`);
    return null;
  }
}

/** Secrets as they were signed for, of targets that were added before the warden kept them itself. */
function keepCiphertexts({ ciphertexts }: Vault, { targets }: Authority, rows: Projection['sealed']): void {
  for (const { ownerId, sealed } of rows) {
    const digest = targets.get(ownerId)?.secretDigest ?? '';
    if (!ciphertexts.has(digest) && sha256Base64url(sealed) === digest) ciphertexts.set(digest, sealed);
  }
}

/** Agents that somebody has turned on by their rows: that takes a key, and they stay off. */
const turnedOn = (vault: Vault, { agents }: Authority, rows: Projection['agents']): string[] =>
  rows.flatMap(({ id, state }) => {
    const agent = agents.get(id);
    return agent !== undefined && isOff(vault, agent) && state === 'active'
      ? [`The agent ${id} was turned on without a key.`]
      : [];
  });

async function readProjection({ db }: Checking): Promise<Projection> {
  const humans = await db.human.findMany();
  const keys = await db.key.findMany();
  const targets = await db.target.findMany();
  const agents = await db.agent.findMany();
  const rests = await db.restAllowance.findMany();
  const own = await db.sealed.findMany({ where: { ownerId: { startsWith: 'tgt_' } } });
  const providers = await db.providerSecret.findMany();
  const sealed = [...own, ...providers.map(({ targetId, ciphertext }) => ({ ownerId: targetId, sealed: ciphertext }))];
  return { humans, keys, targets, agents, rests, sealed };
}

function alarmText(differences: readonly string[]): string {
  const more = differences.length - SHOWN;
  const rest = more > 0 ? ` And ${more} more.` : '';
  return `The database says things nobody signed; they count for nothing. ${differences.slice(0, SHOWN).join(' ')}${rest} Find out who can write to it.`;
}
