import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { AgentActions, AgentFacts, AgentState, RestAccess } from '#components/agents';
import { GrantCard } from '#components/grants';
import { RequestList } from '#components/requests';
import { EmptyState, PageHeader, VisibleText } from '#components/ui';
import { readAgent, readTargets } from '#lib/console';
import { requireViewer } from '../../../session';

export const metadata: Metadata = { title: 'Agent' };

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

export default async function AgentPage({ params }: Props) {
  const viewer = await requireViewer();
  const [found, targets] = await Promise.all([readAgent(viewer, (await params).id), readTargets(viewer)]);
  if (found === null) notFound();
  const { agent, requests, mayManage } = found;
  const live = found.grants.filter(({ state }) => state !== 'ended');
  return (
    <div className="space-y-5">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-2">
            <VisibleText>{agent.name}</VisibleText>
            <AgentState state={agent.state} />
          </span>
        }
        action={mayManage ? <AgentActions agent={agent} /> : undefined}
      />
      <AgentFacts agent={agent} />
      <RestAccess agent={agent} targets={targets} mayChange={viewer.role === 'owner'} />
      {live.map((grant) => (
        <GrantCard key={grant.id} grant={grant} mayRevoke={viewer.role !== 'reviewer' || mayManage} />
      ))}
      <section>
        <h2 className="mb-2 font-semibold text-sm">Last requests</h2>
        {requests.length > 0 ? (
          <RequestList label="Last requests" requests={requests} />
        ) : (
          <EmptyState title="It asked for nothing yet" />
        )}
      </section>
    </div>
  );
}
