import type { HeadFollower } from '#gateway/head';
import type { Vault } from '#gateway/vault';
import { refuse } from '#lib/core';
import type { Hot, Listener } from '#lib/db';
import { createNonces } from '#lib/tokens';
import { authenticator, ENDED } from './authenticate';
import { useCounter } from './count-use';
import { openDirectory } from './directory';
import { startRecorder } from './recorder';
import { rememberProofs } from './spent-proofs';
import type { Callers } from './types';

interface CallersParts {
  readonly hot: Hot;
  readonly listener: Listener;
  readonly head: HeadFollower;
  readonly vault: Vault;
  readonly origins: { readonly agent: string };
}

/** Who calls the gateway and what they may, in memory and never older than it says. */
export function createCallers(parts: CallersParts): Callers {
  const { hot, listener, head, vault } = parts;
  const directory = openDirectory({ hot, listener, now: head.now });
  const nonces = createNonces(vault.nonceSecret);
  const recorder = startRecorder({ hot, now: head.now });
  const count = useCounter(hot, vault.instance.id);
  const { wardenPublicKey: wardenKey } = vault;
  const authenticate = authenticator({
    head,
    directory,
    nonces,
    store: rememberProofs(),
    wardenKey,
    issuer: parts.origins.agent,
  });
  return {
    authenticate,
    signed({ seconds }) {
      const state = head.state();
      if (state === null || head.ageSeconds() > seconds) return refuse('unavailable', STALE, { retryAfterSeconds: 2 });
      if (state.halted !== null) return refuse('minting_stopped', state.halted);
      return state;
    },
    async use({ agent, grant, proofId = null }, { acts, operation }) {
      if (head.state()?.isEnded(grant.id) === true) refuse('gone', ENDED);
      const { id: grantId, targetId, requestId, maxUses } = grant;
      const at = head.now();
      await count({ grantId, agentId: agent.id, targetId, requestId, maxUses, proofId, acts, operation, at });
    },
    async mustLive({ grant }) {
      if (head.state()?.isEnded(grant.id) === true || !(await directory.isLive(grant.id))) refuse('gone', ENDED);
    },
    record: recorder.read,
    refused: recorder.refused,
    canRecord: recorder.canRecord,
    nonce: () => nonces.current(head.now()),
    async stop() {
      directory.stop();
      await recorder.stop();
    },
  };
}

const STALE = 'What was revoked meanwhile is not known right now, so nothing passes. Try again shortly.';
