import { randomBytes } from 'node:crypto';
import { refuse } from '#lib/core';
import { createNonces } from '#lib/tokens';
import { ENDED, knower } from './authenticate';
import { keepRoster } from './authority-cache';
import { spender } from './count-use';
import { openBook } from './directory';
import { startBeat } from './heartbeat';
import { startRecorder } from './recorder';
import { rememberProofs } from './spent-proofs';
import type { Standing, StandingParts } from './types';

/** Who calls the gateway and what they may, in memory and never older than it says. */
export function createStanding(parts: StandingParts): Standing {
  const { hot, listener, alarms } = parts;
  const beat = startBeat({ hot, listener });
  const book = openBook({ hot, listener });
  // A secret of this process: a proof made for another one, which has a memory of its own, is worthless here (T27).
  const nonces = createNonces(randomBytes(32));
  const recorder = startRecorder({ hot, now: beat.now });
  const roster = keepRoster(parts);
  const spend = spender(hot);
  const ageSeconds = (): number => Math.max(beat.ageSeconds(), roster.ageSeconds());
  const refuseOlder = (seconds: number): void => {
    if (ageSeconds() > seconds) refuse('unavailable', STALE, { retryAfterSeconds: 2 });
  };
  return {
    known: roster.last,
    know: knower({ ...parts, book, beat, proofs: { nonces, store: rememberProofs() } }),
    async authority({ seconds }) {
      if (alarms.list().some(({ code }) => code === 'chain_broken')) refuse('minting_stopped', BROKEN);
      // First, so that a database that hangs makes nobody wait, and again after a wait.
      refuseOlder(seconds);
      const authority = await roster.current();
      refuseOlder(seconds);
      return authority;
    },
    ageSeconds,
    async use({ agent, grant }, { acts, operation }) {
      const { id: grantId, targetId, requestId, maxUses } = grant;
      const at = beat.now();
      await spend({ grantId, agentId: agent.id, targetId, requestId, maxUses, acts, operation, at });
    },
    async mustLive({ grant }) {
      if (!(await book.isLive(grant.id))) refuse('gone', ENDED);
    },
    record: recorder.read,
    refused: recorder.refused,
    canRecord: recorder.canRecord,
    nonce: () => nonces.current(beat.now()),
    async stop() {
      book.stop();
      await roster.stop();
      await recorder.stop();
      await beat.stop();
    },
  };
}

const BROKEN = 'The record of who may decide was changed by somebody. Nothing passes until an owner has looked.';

const STALE = 'What was revoked meanwhile is not known right now, so nothing passes. Try again shortly.';
