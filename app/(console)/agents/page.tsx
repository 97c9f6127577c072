import type { Metadata } from 'next';
import { AgentList } from '#components/agents';
import { ButtonLink, EmptyState, PageHeader } from '#components/ui';
import { readAgents } from '#lib/console';
import { requireViewer } from '../../session';

export const metadata: Metadata = { title: 'Agents' };

export default async function AgentsPage() {
  const viewer = await requireViewer();
  const agents = await readAgents(viewer);
  const mayAdd = viewer.role !== 'reviewer';
  const add = mayAdd ? (
    <ButtonLink href="/agents/new" tone="primary">
      Register an agent
    </ButtonLink>
  ) : undefined;
  return (
    <>
      <PageHeader
        title="Agents"
        lead="Each asks with a token and collects with a secret or a key. None can approve."
        action={agents.length === 0 ? undefined : add}
      />
      {agents.length > 0 ? (
        <AgentList agents={agents} />
      ) : (
        <EmptyState title="No agent yet" action={add}>
          {mayAdd ? 'Register one with your key; its secrets are shown once.' : 'Owners and approvers register them.'}
        </EmptyState>
      )}
    </>
  );
}
