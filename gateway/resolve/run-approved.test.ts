import { expect, test } from 'vitest';
import { DomainError } from '#lib/core';
import type { Preview } from '#lib/statement';
import { runApproved } from './run-approved';

/* What is said of an operation that failed depends on whether it could have gone out. */

const preview: Preview = { effects: ['Deletes a volume.'], touched: [], warnings: [], maxRows: null, plan: null };
const busy = new DomainError('target_unreachable', 'Every connection to the provider is busy.');

const run = (send: (going: () => Promise<void>) => Promise<never>, beforeSend = async () => undefined) =>
  runApproved({
    preview,
    targetName: 'railway',
    classify: () => 'exact',
    look: async () => preview,
    beforeSend,
    send: (_exact, _bounds, going) => send(going),
  });

test('One that waited for a connection in vain was not sent, and that is said', async () => {
  await expect(run(() => Promise.reject(busy))).rejects.toThrow('is busy. Nothing was sent.');
});

test('One that broke off after the last question may have run, and that is said', async () => {
  const broken = run(async (going) => {
    await going();
    throw busy;
  });
  await expect(broken).rejects.toThrow('it is not known whether it ran: look at railway');
});

test('One that somebody took back is refused in the words of whoever asked for the last time', async () => {
  const ended = new DomainError('gone', 'Not run, and nothing was sent: revoked.');
  await expect(
    run(
      async (going) => {
        await going();
        throw busy;
      },
      () => Promise.reject(ended),
    ),
  ).rejects.toBe(ended);
});
