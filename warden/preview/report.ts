import type { SignedTarget } from '#lib/authority';
import { DomainError } from '#lib/core';
import { Prisma } from '#lib/db';
import { isUpstream } from '#lib/targets';
import type { Inspection } from '#warden/targets';
import { openTarget } from '#warden/targets';
import type { Warden } from '../context';

const MOST_TABLES = 200;

/** A provider is asked for its whole schema: not every minute. */
const UPSTREAM_REST_MS = 15 * 60_000;

/** Looks at targets and writes down what the console and the agents are shown of them. Nothing is decided by it. */
export interface Reporter {
  /** Every database, and every provider whose last good look is a quarter of an hour old or was at other terms. */
  reportTargets(): Promise<void>;
}

export function createReporter(warden: Warden): Reporter {
  const seen = new Map<string, { readonly terms: string; readonly atMs: number }>();

  const isDue = (signed: SignedTarget): boolean => {
    if (!isUpstream(signed.config)) return signed.config.kind === 'postgres';
    const last = seen.get(signed.id);
    return last?.terms !== termsOf(signed) || performance.now() - last.atMs >= UPSTREAM_REST_MS;
  };

  async function report(signed: SignedTarget): Promise<void> {
    const found = await look(warden, signed);
    await write(warden, signed, found);
    if (!('trouble' in found)) seen.set(signed.id, { terms: termsOf(signed), atMs: performance.now() });
  }

  return {
    async reportTargets() {
      const { targets } = await warden.authority.current(warden.db);
      await Promise.all([...targets.values()].filter((signed) => signed.active && isDue(signed)).map(report));
    },
  };
}

/** Another secret or another schema is another provider to look at. */
const termsOf = ({ config, secretDigest }: SignedTarget): string =>
  `${secretDigest} ${config.kind === 'graphql' ? config.schemaHash : ''}`;

/** Written only where it is new: every write draws every open page anew. */
async function write({ db }: Warden, { id }: SignedTarget, found: Prisma.InputJsonObject): Promise<void> {
  const isNew = [{ report: { equals: Prisma.DbNull } }, { NOT: { report: { equals: found } } }];
  await db.target.updateMany({ where: { id, OR: isNew }, data: { report: found } });
}

async function look(warden: Warden, signed: SignedTarget): Promise<Prisma.InputJsonObject> {
  try {
    const seen = await (await openTarget(warden, signed)).inspect();
    return isUpstream(signed.config) ? ofUpstream(seen) : ofDatabase(seen);
  } catch (error) {
    return { trouble: error instanceof DomainError ? error.message : 'It could not be looked at.' };
  }
}

const ofDatabase = ({ version, tables }: Inspection): Prisma.InputJsonObject => ({
  version,
  tables: tables.slice(0, MOST_TABLES).map(({ resource }) => resource),
});

function ofUpstream({ version, dangers, schemaChanged = false }: Inspection): Prisma.InputJsonObject {
  if (dangers.length > 0) return { trouble: dangers.map(({ text }) => text).join(' ') };
  return { version, schemaChanged };
}
