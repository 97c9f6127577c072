import { ActionButton } from '#components/ui';
import type { AgentView } from '#lib/views';
import { DeleteAgent } from './delete-agent';
import { EditAgent } from './edit-agent';
import { RotateToken } from './rotate-token';

/** What those who answer for an agent may do with it. A deleted one is only history. */
export function AgentActions({ agent }: { readonly agent: AgentView }) {
  if (agent.state === 'deleted') return null;
  const path = `/api/console/agents/${agent.id}`;
  return (
    <div className="flex flex-wrap gap-2">
      <EditAgent agent={agent} />
      <RotateToken agent={agent} />
      {agent.state === 'active' ? (
        <ActionButton method="POST" path={`${path}/disable`} doing="Disabling…">
          Disable
        </ActionButton>
      ) : (
        <ActionButton method="POST" path={`${path}/enable`} doing="Enabling…">
          Enable
        </ActionButton>
      )}
      <DeleteAgent agent={agent} />
    </div>
  );
}
