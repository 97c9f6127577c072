import { transact } from '#lib/db';
import { type AgentNote, describeAnew, turnAgentOff } from '#lib/identity';
import { denyUndecided } from '#lib/requests';
import type { Viewer } from '#lib/views';
import { web } from '../web';
import { endAllOf } from './grants';

/** Changes what people read about an agent. Its name, owner and secrets take a key, on the warden's page. */
export const noteAgent = (viewer: Viewer, agentId: string, note: AgentNote): Promise<{ id: string }> =>
  transact(web().db, async (tx, now) => {
    await describeAnew(tx, now, viewer, agentId, note);
    return { id: agentId };
  });

/** Disables an agent: its token is refused, its open requests are denied, its grants end. A key turns it on again. */
export const disableAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  stopAgent(viewer, agentId, 'disabled');

/** Deletes an agent for good: as disabling does, and its name is free again. Its history stays. */
export const deleteAgent = (viewer: Viewer, agentId: string): Promise<{ id: string }> =>
  stopAgent(viewer, agentId, 'deleted');

function stopAgent(viewer: Viewer, agentId: string, to: 'disabled' | 'deleted'): Promise<{ id: string }> {
  return transact(web().db, async (tx, now) => {
    await turnAgentOff(tx, now, viewer, agentId, to);
    await denyUndecided(tx, now, { agentId }, { by: viewer.id, reason: `The agent was ${to}.` });
    await endAllOf(tx, now, agentId, viewer.id);
    return { id: agentId };
  });
}
