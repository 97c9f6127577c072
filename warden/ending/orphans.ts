import type { SignedTarget } from '#lib/authority';
import { stopGrant } from '#warden/issuer';
import type { Target } from '#warden/targets';
import { openTarget } from '#warden/targets';
import type { Warden } from '../context';

/**
 * Ends credentials that live at a target and belong to no live grant (left by a
 * crash, or by somebody who deleted the grant), and asks for the end of those
 * that live past what the target was told (somebody moved the grant's end). Each target by itself; one that
 * cannot be reached is looked at next time.
 */
export async function endOrphans(warden: Warden): Promise<void> {
  const { targets } = await warden.authority.current(warden.db);
  const reports = await Promise.all([...targets.values()].map((signed) => orphansOf(warden, signed)));
  const found = reports.flat();
  if (found.length === 0) return warden.alarms.clear('orphan_credential');
  warden.alarms.raise(
    'orphan_credential',
    `Credentials of no live grant were found: ${found.join(' ')} See who minted or deleted what.`,
  );
}

async function orphansOf(warden: Warden, signed: SignedTarget): Promise<string[]> {
  try {
    const target = await openTarget(warden, signed);
    const found: string[] = [];
    for (const reference of await target.expiredRoles())
      found.push(...(await endOverstayed(warden, target, reference)));
    for (const reference of await target.orphans()) {
      if (!(await belongs(warden, reference))) found.push(await endOrphan(target, reference, signed.config.name));
    }
    // Last: names that nobody can use any more.
    await target.sweepDead();
    return found;
  } catch (error) {
    warden.log.warn({ err: error, target: signed.config.name }, 'could not look for orphan credentials');
    return [];
  }
}

/** A grant that is ending already is in good hands. The target comes first: somebody may hold the row. */
async function endOverstayed(warden: Warden, target: Target, reference: string): Promise<string[]> {
  const grant = await warden.db.grant.findFirst({ where: { reference, state: 'active' }, select: { id: true } });
  if (grant === null) return [];
  await target.end(reference);
  await stopGrant(warden, grant.id, { reason: 'expired', by: 'clock' });
  return [`${grant.id} lived past its end: its row does not say what was minted.`];
}

/** The row is committed before the credential is made, so whoever asks second finds it. */
async function belongs({ db }: Warden, reference: string): Promise<boolean> {
  return (await db.grant.count({ where: { reference, state: { in: ['active', 'ending'] } } })) > 0;
}

async function endOrphan(target: Target, reference: string, name: string): Promise<string> {
  try {
    await target.end(reference);
    return `${reference} at ${name} was ended.`;
  } catch (error) {
    return `${reference} at ${name} could not be ended: ${error instanceof Error ? error.message : 'unknown error'}`;
  }
}
