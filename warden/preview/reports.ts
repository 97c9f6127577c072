import { digestOf } from '#lib/core';
import { type Look as LookRow, Prisma } from '#lib/db';
import { openRecord, Report } from '#lib/records';
import type { Warden } from '../context';

/** Writes down what the gateway saw of a provider, for the console and the agents. Nothing is decided by it. */
export async function takeReport(warden: Warden, row: LookRow): Promise<void> {
  const authority = await warden.authority.current(warden.db);
  const signed = authority.targets.get(row.subjectId);
  const key = warden.gateways.key(authority);
  const report = key === null ? null : openRecord(key, 'report', Report, row);
  if (signed === undefined || report?.targetId !== signed.id) return;
  // Of other terms than the signed ones it says nothing any more.
  if (report.config !== digestOf(signed.config) || report.ciphertext !== signed.secretDigest) return;
  await writeReport(warden, signed.id, shown(report));
}

function shown({ outcome }: Report): Prisma.InputJsonObject {
  if (outcome.kind === 'trouble') return { trouble: outcome.message };
  if (outcome.dangers.length > 0) return { trouble: outcome.dangers.map(({ text }) => text).join(' ') };
  return { version: outcome.version, schemaChanged: outcome.schemaChanged };
}

/** Written only where it is new: every write draws every open page anew. */
export async function writeReport(
  { db }: Pick<Warden, 'db'>,
  targetId: string,
  found: Prisma.InputJsonObject,
): Promise<void> {
  const isNew = [{ report: { equals: Prisma.DbNull } }, { NOT: { report: { equals: found } } }];
  await db.target.updateMany({ where: { id: targetId, OR: isNew }, data: { report: found } });
}
