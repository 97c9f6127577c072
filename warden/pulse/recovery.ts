import { addSeconds } from '#lib/core';
import { pendingRecovery, RECOVERY_SECONDS, recoveryAlarm } from '#warden/changes';
import type { SignWarden } from '../context';

/** Says again after a restart, and to whoever looks later, that a recovery code was used. */
export async function watchRecovery({ db, signVault, authority, alarms }: SignWarden): Promise<void> {
  const known = await authority.current(db).catch(() => null);
  if (known === null) return;
  const { recovery, humans } = known;
  const pending = recovery === null ? null : pendingRecovery(signVault, recovery);
  if (recovery === null || pending === null) return alarms.clear('recovery_begun');
  const readyAt = addSeconds(new Date(pending.begunAt), RECOVERY_SECONDS);
  alarms.raise('recovery_begun', recoveryAlarm(humans.get(recovery.humanId)?.name ?? 'somebody', readyAt));
}
