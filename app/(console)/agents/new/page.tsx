import type { Metadata } from 'next';
import { NewAgent } from '#components/agents';
import { Notice, PageHeader } from '#components/ui';
import { readTargets, web } from '#lib/console';
import { requireViewer } from '../../../session';

export const metadata: Metadata = { title: 'Register an agent' };

export default async function NewAgentPage() {
  const viewer = await requireViewer();
  const targets = await readTargets(viewer);
  const target = targets.find(({ state }) => state === 'active') ?? null;
  return (
    <>
      <PageHeader title="Register an agent" lead="You become its owner, and answer for what it asks." />
      {viewer.role !== 'reviewer' ? (
        <NewAgent origin={web().env.webOrigin} target={target} />
      ) : (
        <Notice title="Owners and approvers register agents." />
      )}
    </>
  );
}
