import { transact } from '#lib/db';
import { type AgentEdit, editAgent, moveAgent, type NewAgent, registerAgent, rotateToken } from '#lib/identity';
import type { Viewer } from '#lib/views';
import { endAllOf } from './grants';
import { denyAllOf } from './requests';
import { web } from './web';

/** An ask token, in this answer and never again. */
export interface TokenShown {
  readonly id: string;
  readonly token: string;
}

/** Registers an agent and shows its ask token once. */
export const newAgent = (viewer: Viewer, input: NewAgent): Promise<TokenShown> =>
  transact(web().db, (tx, now) => registerAgent(tx, now, viewer, input));

/** Replaces the ask token and shows the new one once. Whoever stole the old one may hold more than it: all of that ends. */
export const newAgentToken = (viewer: Viewer, agentId: string): Promise<TokenShown> =>
  transact(web().db, async (tx, now) => {
    const shown = await rotateToken(tx, now, viewer, agentId);
    await endAllOf(tx, now, agentId, viewer.id);
    return shown;
  });

/** Changes name, description or public key. With another key what was approved for the old one ends. */
export const changeAgent = (viewer: Viewer, agentId: string, edit: AgentEdit): Promise<{ id: string }> =>
  transact(web().db, async (tx, now) => {
    const { keyChanged } = await editAgent(tx, now, viewer, agentId, edit);
    if (keyChanged) await endAllOf(tx, now, agentId, viewer.id);
    return { id: agentId };
  });

/** Lets a disabled agent ask again. What it held stays ended. */
export const enableAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  transact(web().db, async (tx, now) => {
    await moveAgent(tx, now, viewer, agentId, 'active');
    return { id: agentId };
  });

/** Disables an agent: its token is refused, what it waits for is denied, what it holds ends. */
export const disableAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  stopAgent(viewer, agentId, 'disabled');

/** Deletes an agent for good, as disabling does; its name is free again and its history stays. */
export const deleteAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  stopAgent(viewer, agentId, 'deleted');

function stopAgent(viewer: Viewer, agentId: string, to: 'disabled' | 'deleted'): Promise<{ id: string }> {
  return transact(web().db, async (tx, now) => {
    await moveAgent(tx, now, viewer, agentId, to);
    await denyAllOf(tx, now, agentId, { humanId: viewer.id, reason: `The agent was ${to}.` });
    await endAllOf(tx, now, agentId, viewer.id);
    return { id: agentId };
  });
}
