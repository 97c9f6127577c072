import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '#lib/core';
import type { Db, Tx } from './client';
import { type ErrorFields, saysAnywhere } from './error-parts';
import { Prisma } from './generated/client';
import { isRolledBack } from './rolled-back';

/** How often a transaction is begun that the server undid because it met another. */
const ATTEMPTS = 4;

/** Reads the database's clock, the only one by which anything is decided (T77). */
export async function databaseNow(db: Db | Tx): Promise<Date> {
  const rows = await db.$queryRaw<Array<{ now: Date }>>`SELECT clock_timestamp() AS now`;
  const now = rows[0]?.now;
  if (now === undefined) throw new DomainError('unavailable', 'The database did not tell the time.');
  return now;
}

/**
 * Runs `act` in one READ COMMITTED transaction, with the database's time.
 * `act` must have no effect outside the database: a rollback would not undo it,
 * and after a deadlock `act` is run again, in a new transaction.
 * What may happen once is held by unique constraints and `UPDATE … WHERE state = …`.
 */
export async function transact<T>(db: Db, act: (tx: Tx, now: Date) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.$transaction(async (tx) => act(tx as Tx, await databaseNow(tx as Tx)));
    } catch (error) {
      if (attempt === ATTEMPTS || !isRolledBack(error)) throw asDomainError(error);
    }
    await sleep(pauseMs(attempt));
  }
}

/**
 * As `transact`, and throws `unavailable` where somebody holds a row locked for longer than a
 * moment: for what is tried again, so that no lock of others takes all connections.
 */
export const transactBriefly = <T>(
  db: Db,
  act: (tx: Tx, now: Date) => Promise<T>,
  { waitMs = 500 }: { readonly waitMs?: number } = {},
): Promise<T> =>
  transact(db, async (tx, now) => {
    await tx.$executeRaw`SELECT set_config('lock_timeout', ${`${waitMs}ms`}, true)`;
    return act(tx, now);
  });

/** Never the same twice: two that met would meet again. */
const pauseMs = (attempt: number): number => Math.random() * 20 * 2 ** attempt;

/** SQLSTATE lock_not_available. */
const isLocked = ({ code, originalCode }: ErrorFields): boolean => [code, originalCode].includes('55P03');

function asDomainError(error: unknown): unknown {
  if (saysAnywhere(error, isLocked))
    return new DomainError('unavailable', 'Somebody holds locked what this writes. Try again shortly.', {
      cause: error,
      retryAfterSeconds: 2,
    });
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') {
    return new DomainError('conflict', 'That already exists.', { cause: error });
  }
  return error;
}
