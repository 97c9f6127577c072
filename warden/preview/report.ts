import { DomainError } from '#lib/core';
import { Prisma } from '#lib/db';
import type { SignedTarget } from '#lib/identity';
import { openTarget } from '#warden/mint';
import type { Warden } from '../context';

const MOST_TABLES = 200;

/** Looks at every database and writes down what the console and the agents are shown of it. Nothing is decided by it. */
export async function reportTargets(warden: Warden): Promise<void> {
  const { targets } = await warden.authority.current(warden.db);
  const databases = [...targets.values()].filter(({ active, config }) => active && config.kind === 'postgres');
  await Promise.all(databases.map((signed) => report(warden, signed)));
}

/** Written only where it is new: every write draws every open page anew. */
async function report(warden: Warden, signed: SignedTarget): Promise<void> {
  const found = await look(warden, signed);
  const isNew = [{ report: { equals: Prisma.DbNull } }, { NOT: { report: { equals: found } } }];
  await warden.db.target.updateMany({ where: { id: signed.id, OR: isNew }, data: { report: found } });
}

async function look(warden: Warden, signed: SignedTarget): Promise<Prisma.InputJsonObject> {
  try {
    const { version, tables } = await (await openTarget(warden, signed)).inspect();
    return { version, tables: tables.slice(0, MOST_TABLES).map(({ resource }) => resource) };
  } catch (error) {
    return { trouble: error instanceof DomainError ? error.message : 'It could not be looked at.' };
  }
}
