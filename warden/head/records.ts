import type { Authority, SignedAgent } from '#lib/authority';
import { databaseNow, type Tx } from '#lib/db';
import type { Alarms } from '#warden/alarms';
import { agentCounts, agentRows, noteOff } from '#warden/authority';
import type { Vault } from '#warden/vault';
import { type PublishedRecord, signChanged, toPublish } from './published';

type Records = ReadonlyMap<string, PublishedRecord>;

interface Publishing {
  /** Null where the chain does not hold: there is no record to publish then. */
  readonly authority: Authority | null;
  /** As last committed; undefined where nobody knows. */
  readonly known: Records | undefined;
  /** Whether the rows are read even where something is known. */
  readonly due: boolean;
}

/**
 * Brings the rows of `records` to what counts now. Read again, they heal: one
 * that somebody changed would have every copy of the gateway that starts refuse
 * all of them.
 */
export async function publishRecords(
  tx: Tx,
  { vault, alarms }: { readonly vault: Vault; readonly alarms: Alarms },
  { authority, known, due }: Publishing,
): Promise<Records> {
  const rows = known === undefined || due ? await stored(tx) : known;
  const wanted = authority === null ? new Map() : toPublish(authority, await counting(tx, vault, authority));
  const { after, changed, gone, foreign } = signChanged(vault.signingKey, { known, rows }, wanted);
  if (foreign.length > 0)
    alarms.raise(
      'tampering',
      `Somebody changed what the gateway is told: ${foreign.slice(0, 5).join(', ')}. ${MENDED}`,
    );
  await store(tx, changed, gone);
  return after;
}

const MENDED = 'The warden has signed it anew. Find out who writes to the table of records.';

/** Which agents count, by the chain and by what their rows narrow. */
async function counting(tx: Tx, vault: Vault, authority: Authority): Promise<(agent: SignedAgent) => boolean> {
  const now = await databaseNow(tx);
  const agents = [...authority.agents.values()];
  const rows = await agentRows(tx, agents);
  await noteOff(tx, vault, authority, agents, rows);
  return (agent) => agentCounts(vault, authority, agent, rows.get(agent.id), now);
}

async function stored(tx: Tx): Promise<Records> {
  const rows = await tx.signedRow.findMany();
  return new Map(rows.map((row) => [`${row.kind} ${row.id}`, row as PublishedRecord]));
}

/** One statement for all: after somebody has emptied the table, a thousand at once keep no head waiting. */
async function store(tx: Tx, changed: readonly PublishedRecord[], gone: readonly PublishedRecord[]): Promise<void> {
  const column = (name: keyof PublishedRecord): string[] => changed.map((record) => record[name]);
  if (changed.length > 0)
    await tx.$executeRaw`
      INSERT INTO records (kind, id, body, signature, digest)
      SELECT * FROM unnest(${column('kind')}::text[], ${column('id')}::text[], ${column('body')}::text[],
        ${column('signature')}::text[], ${column('digest')}::text[])
      ON CONFLICT (kind, id) DO UPDATE
        SET body = excluded.body, signature = excluded.signature, digest = excluded.digest`;
  for (const { kind, id } of gone) await tx.signedRow.deleteMany({ where: { kind, id } });
}
