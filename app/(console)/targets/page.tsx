import type { Metadata } from 'next';
import { TicketButton } from '#components/approvals';
import { TargetCard } from '#components/targets';
import { EmptyState, PageHeader } from '#components/ui';
import { readTargets } from '#lib/console';
import { requireViewer } from '../../session';

export const metadata: Metadata = { title: 'Targets' };

export default async function TargetsPage() {
  const viewer = await requireViewer();
  const targets = await readTargets(viewer);
  const owner = viewer.role === 'owner';
  const add = owner ? (
    <TicketButton tone="primary" ticket={{ kind: 'target.add', params: {} }}>
      Add a target
    </TicketButton>
  ) : undefined;
  return (
    <>
      <PageHeader
        title="Targets"
        lead="What agents may ask for. The warden keeps the databases’ secrets, the gateway the providers’. This console sees none."
        action={targets.length === 0 ? undefined : add}
      />
      {targets.length === 0 ? (
        <EmptyState title="No target yet" action={add}>
          {owner
            ? "Add your PostgreSQL or your own service on the warden's page. No database at hand? The same page offers a sample one."
            : 'An owner adds them.'}
        </EmptyState>
      ) : (
        <div className="space-y-3">
          {targets.map((target) => (
            <TargetCard key={target.id} target={target} mayChange={owner} />
          ))}
        </div>
      )}
    </>
  );
}
