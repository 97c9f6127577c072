import { z } from 'zod';
import { addSeconds } from '#lib/core';
import type { Db } from '#lib/db';
import type { Alarms, GatewayAlarmCode } from '#warden/alarms';

/** A copy that has said nothing for this long shouts nothing. */
const COPY_SECONDS = 30;

/** What is over when it is said, and is not taken back: the pulse lets go of it after a day. */
const PAST: readonly GatewayAlarmCode[] = ['gateway_tampering', 'gateway_secret_leaked'];
const SHOWN_SECONDS = 24 * 3_600;

const CARRIED: Readonly<Record<string, GatewayAlarmCode>> = {
  tampering: 'gateway_tampering',
  head_refused: 'gateway_head_refused',
  secret_leaked: 'gateway_secret_leaked',
  target_unreachable: 'gateway_target_unreachable',
};

const Shouted = z
  .array(z.object({ code: z.string().max(40), text: z.string().max(1_000), since: z.iso.datetime() }))
  .max(20)
  .catch([]);

/**
 * Raises here what the gateway's copies shout, and clears what none of them
 * shouts any more. Their rows are words, not proof: nothing but a banner comes
 * of them.
 */
export async function relayAlarms(db: Db, alarms: Alarms, now: Date): Promise<void> {
  const copies = await db.gatewayInstance.findMany({
    where: { seenAt: { gt: addSeconds(now, -COPY_SECONDS) } },
    select: { alarms: true },
    orderBy: { id: 'asc' },
    take: 50,
  });
  const shouted = copies
    .flatMap((copy) => Shouted.parse(copy.alarms))
    .filter(({ since }) => new Date(since) > addSeconds(now, -SHOWN_SECONDS));
  for (const [theirs, ours] of Object.entries(CARRIED)) {
    const texts = new Set(shouted.filter(({ code }) => code === theirs).map(({ text }) => text));
    if (texts.size > 0) alarms.raise(ours, [...texts].join(' ').slice(0, 1_000));
    else if (!PAST.includes(ours)) alarms.clear(ours);
  }
}
