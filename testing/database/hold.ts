import type { Db } from '#lib/db';

/*
 * Only for tests: what somebody does who holds rows locked for as long as they like.
 */

const LET_GO = new Error('let go');

/** Runs these statements in a transaction of this role's that stays open until the returned function is called; nothing of them is kept. */
export async function holdOpen(db: Db, statements: readonly string[]): Promise<() => Promise<void>> {
  let letGo = (): void => undefined;
  let held: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const open = db.$transaction(
      async (tx) => {
        for (const sql of statements) await tx.$executeRawUnsafe(sql);
        await new Promise<void>((over) => {
          letGo = over;
          resolve();
        });
        throw LET_GO;
      },
      { timeout: 120_000 },
    );
    held = open.catch((error: unknown) => {
      if (error !== LET_GO) reject(error);
    });
  });
  return async () => {
    letGo();
    await held;
  };
}
