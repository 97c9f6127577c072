import type { Grant } from '#lib/db';
import { endOf } from '#lib/grants';
import { type End, noteStop } from '#warden/vault';
import type { Warden } from '../context';

/** A grant whose row says that it is ending, and why. */
export type Ending = Pick<Grant, 'id' | 'targetId' | 'endReason' | 'endedBy'>;

/** Notes an end beside the database, where that needs a line: what ended by its time is over by the ledger, and by what was signed. A row may say so early. */
export function stop(warden: Pick<Warden, 'vault' | 'log'>, id: string, why: End): End {
  const { live, stopped } = warden.vault;
  const until = live.find(id)?.until.getTime() ?? 0;
  if (why.reason === 'expired' && until <= Date.now()) return stopped.unwritten.get(id) ?? why;
  return noteStop(warden, id, why);
}

/** Notes what a row says of its end, once. The warden's own ends are noted where they are decided. */
export function noteRow(warden: Pick<Warden, 'vault' | 'log'>, row: Ending): void {
  const { stopped } = warden.vault;
  if (stopped.has(row.id)) return;
  noteStop(warden, row.id, endOf(row));
  stopped.written(row.id);
}
