import { z } from 'zod';
import type { Db } from '#lib/db';

const First = z.object({ recovery: z.object({ id: z.string() }).optional(), human: z.object({ name: z.string() }) });
const By = z.object({ key: z.object({ id: z.string() }) });

/** Whose recovery code still works, as the chain's rows tell it; null where none does. */
export async function recoveryCodeOf(db: Db): Promise<string | null> {
  const first = await db.chainEntry.findFirst({ where: { seq: 1 }, select: { statement: true } });
  if (first === null) return null;
  const { recovery, human } = First.parse(JSON.parse(first.statement));
  if (recovery === undefined) return null;
  const enrolled = await db.chainEntry.findMany({ where: { kind: 'key.enroll' }, select: { statement: true } });
  const used = enrolled.some(({ statement }) => By.parse(JSON.parse(statement)).key.id === recovery.id);
  return used ? null : human.name;
}
