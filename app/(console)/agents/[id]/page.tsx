import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { AgentActions, AgentFacts, AgentState, RestAccess } from '#components/agents';
import { GrantCard } from '#components/grants';
import { FirstRequest, RequestList } from '#components/requests';
import { Card, EmptyState, PageHeader, VisibleText } from '#components/ui';
import { readAgent, readTargets, web } from '#lib/console';
import type { AgentView, TargetView } from '#lib/views';
import { requireViewer } from '../../../session';

export const metadata: Metadata = { title: 'Agent' };

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

export default async function AgentPage({ params }: Props) {
  const viewer = await requireViewer();
  const [found, targets] = await Promise.all([readAgent(viewer, (await params).id), readTargets(viewer)]);
  if (found === null) notFound();
  const { agent, requests, mayManage, owners } = found;
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
        action={
          mayManage ? <AgentActions agent={agent} mine={agent.owner.id === viewer.id} owners={owners} /> : undefined
        }
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
          <Nothing agent={agent} target={targets.find(({ state }) => state === 'active') ?? null} />
        )}
      </section>
    </div>
  );
}

function Nothing({ agent, target }: { readonly agent: AgentView; readonly target: TargetView | null }) {
  if (agent.state !== 'active') return <EmptyState title="It asked for nothing" />;
  return (
    <Card title="It asked for nothing yet">
      <div className="space-y-4 p-4 text-sm">
        <FirstRequest origin={web().env.webOrigin} target={target} />
      </div>
    </Card>
  );
}
