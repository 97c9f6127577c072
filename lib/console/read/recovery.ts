import { z } from 'zod';
import type { Db } from '#lib/db';
import type { ProductionKeysView } from '#lib/views';

const First = z.object({ recovery: z.object({ id: z.string() }).optional(), human: z.object({ name: z.string() }) });
const Over = z.object({ key: z.object({ id: z.string() }), disabled: z.object({ id: z.string() }).optional() });

/** Whose recovery code still works, as the chain's rows tell it; null where none does. */
export async function recoveryCode(db: Db): Promise<Omit<NonNullable<ProductionKeysView['recovery']>, 'waits'> | null> {
  const first = await db.chainEntry.findFirst({ where: { seq: 1 }, select: { statement: true } });
  if (first === null) return null;
  const { recovery, human } = First.parse(JSON.parse(first.statement));
  if (recovery === undefined) return null;
  const rows = await db.chainEntry.findMany({
    where: { kind: { in: ['key.enroll', 'key.disable'] }, statement: { contains: recovery.id } },
    select: { statement: true },
  });
  // Used up, or taken out of use.
  const over = rows.some(({ statement }) => {
    const { key, disabled } = Over.parse(JSON.parse(statement));
    return key.id === recovery.id || disabled?.id === recovery.id;
  });
  return over ? null : { keyId: recovery.id, of: human.name };
}
