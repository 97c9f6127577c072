import { transact } from '#lib/db';
import { type AgentEdit, changeAgentState, editAgent, type NewAgent, registerAgent, rotateToken } from '#lib/identity';
import type { Viewer } from '#lib/views';
import { web } from '../web';
import { endAllOf } from './grants';
import { denyAllOf } from './requests';

/** A new ask token. Only its hash is stored, so that this answer is the one place to read it. */
export interface TokenShown {
  readonly id: string;
  readonly token: string;
}

/** Registers an agent and shows its ask token once. */
export const newAgent = (viewer: Viewer, input: NewAgent): Promise<TokenShown> =>
  transact(web().db, (tx, now) => registerAgent(tx, now, viewer, input));

/**
 * Replaces the ask token and shows the new one once. It ends every grant of the
 * agent, since a thief of the old token may have collected one, and denies what it
 * asked, which people would approve for who asked it and somebody else collect (T82).
 */
export const newAgentToken = (viewer: Viewer, agentId: string): Promise<TokenShown> =>
  transact(web().db, async (tx, now) => {
    const shown = await rotateToken(tx, now, viewer, agentId);
    await denyAllOf(tx, now, agentId, { humanId: viewer.id, reason: 'The agent was given another token.' });
    await endAllOf(tx, now, agentId, viewer.id);
    return shown;
  });

/** Changes name, description or public key. Another key ends every grant and denies every request: they are for the old one. */
export const changeAgent = (viewer: Viewer, agentId: string, edit: AgentEdit): Promise<{ id: string }> =>
  transact(web().db, async (tx, now) => {
    const { keyChanged } = await editAgent(tx, now, viewer, agentId, edit);
    if (keyChanged) {
      await denyAllOf(tx, now, agentId, { humanId: viewer.id, reason: 'The agent was given another key.' });
      await endAllOf(tx, now, agentId, viewer.id);
    }
    return { id: agentId };
  });

/** Lets a disabled agent ask again. Its grants stay ended. */
export const enableAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  transact(web().db, async (tx, now) => {
    await changeAgentState(tx, now, viewer, agentId, 'active');
    return { id: agentId };
  });

/** Disables an agent: its token is refused, its open requests are denied, its grants end. */
export const disableAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  stopAgent(viewer, agentId, 'disabled');

/** Deletes an agent for good: as disabling does, and its name is free again. Its history stays. */
export const deleteAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  stopAgent(viewer, agentId, 'deleted');

function stopAgent(viewer: Viewer, agentId: string, to: 'disabled' | 'deleted'): Promise<{ id: string }> {
  return transact(web().db, async (tx, now) => {
    await changeAgentState(tx, now, viewer, agentId, to);
    await denyAllOf(tx, now, agentId, { humanId: viewer.id, reason: `The agent was ${to}.` });
    await endAllOf(tx, now, agentId, viewer.id);
    return { id: agentId };
  });
}
