import { TicketButton } from '#components/approvals';
import { ActionButton } from '#components/ui';
import type { AgentView } from '#lib/views';
import { DeleteAgent } from './delete-agent';
import { EditAgent } from './edit-agent';
import { RotateSecrets } from './rotate-secrets';

interface AgentActionsProps {
  readonly agent: AgentView;
  /** Whether the viewer is its owner: secrets are shown to nobody else. */
  readonly mine: boolean;
  /** Whom it could be handed to. */
  readonly owners: readonly { readonly id: string; readonly name: string }[];
}

/** What those who answer for an agent may do with it. A deleted one is only history. */
export function AgentActions({ agent, mine, owners }: AgentActionsProps) {
  if (agent.state === 'deleted') return null;
  return (
    <div className="flex flex-wrap gap-2">
      <EditAgent agent={agent} owners={owners} />
      {mine ? <RotateSecrets agent={agent} /> : null}
      {agent.state === 'active' ? (
        <ActionButton method="POST" path={`/api/console/agents/${agent.id}/disable`} doing="Disabling…">
          Disable
        </ActionButton>
      ) : (
        <TicketButton ticket={{ kind: 'agent.enable', params: { agentId: agent.id } }}>
          Enable with your key
        </TicketButton>
      )}
      <DeleteAgent agent={agent} />
    </div>
  );
}
