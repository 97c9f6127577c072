import type { SignedTarget } from '#lib/authority';
import { DomainError } from '#lib/core';
import type { Prisma } from '#lib/db';
import type { Inspection } from '#warden/targets';
import { openTarget } from '#warden/targets';
import type { Warden } from '../context';
import { writeReport } from './reports';

const MOST_TABLES = 200;

/** Looks at every database and writes down what the console and the agents are shown of it. Providers are the gateway's to look at. */
export async function reportTargets(warden: Warden): Promise<void> {
  const { targets } = await warden.authority.current(warden.db);
  const databases = [...targets.values()].filter(({ active, config }) => active && config.kind === 'postgres');
  await Promise.all(databases.map(async (signed) => writeReport(warden, signed.id, await look(warden, signed))));
}

async function look(warden: Warden, signed: SignedTarget): Promise<Prisma.InputJsonObject> {
  try {
    const seen = await (await openTarget(warden, signed)).inspect();
    return ofDatabase(seen);
  } catch (error) {
    return { trouble: error instanceof DomainError ? error.message : 'It could not be looked at.' };
  }
}

const ofDatabase = ({ version, tables }: Inspection): Prisma.InputJsonObject => ({
  version,
  tables: tables.slice(0, MOST_TABLES).map(({ resource }) => resource),
});
