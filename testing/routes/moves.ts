import { append } from '#lib/audit';
import { transact } from '#lib/db';
import { markPrepared, statesBefore } from '#lib/requests';
import type { Preview } from '#lib/statement';
import type { Stage } from './agent-routes';

/* Only for tests: what the warden and a person at the console do to a request meanwhile. */

const PREVIEW = { effects: ['Updates rows.'], touched: [], warnings: [], maxRows: null, plan: null };

/** The warden's preview stands. */
export const previewed = (
  { warden }: Stage,
  id: string,
  { danger = 1, preview = {} }: { readonly danger?: number; readonly preview?: Partial<Preview> } = {},
): Promise<boolean> =>
  transact(warden, (tx, now) =>
    markPrepared(tx, now, id, { preview: { ...PREVIEW, ...preview }, seal: '', by: 'warden', danger }),
  );

/** A person says no. False where it was too late. */
export const denyAs = ({ owner }: Stage, id: string, reason: string): Promise<boolean> =>
  transact(owner, async (tx, now) => {
    const { count } = await tx.request.updateMany({
      where: { id, state: { in: statesBefore('person', 'denied') } },
      data: { state: 'denied', stateReason: reason, decidedAt: now, decidedBy: 'hum_x', version: { increment: 1 } },
    });
    if (count === 1) await append(tx, { kind: 'request.denied', actor: 'hum_x', at: now, requestId: id });
    return count === 1;
  });
