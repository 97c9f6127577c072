import type { Metadata } from 'next';
import { NewAgent } from '#components/agents';
import { Notice, PageHeader } from '#components/ui';
import { requireViewer } from '../../../session';

export const metadata: Metadata = { title: 'Register an agent' };

export default async function NewAgentPage() {
  const viewer = await requireViewer();
  return (
    <>
      <PageHeader title="Register an agent" lead="You become its owner, and answer for what it asks." />
      {viewer.role !== 'reviewer' ? <NewAgent /> : <Notice title="Owners and approvers register agents." />}
    </>
  );
}
