import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { AskAgain, Decide } from '#components/approvals';
import { Timeline } from '#components/audit';
import { GrantCard } from '#components/grants';
import { Claims, ExactOperation, Findings, RequestHead } from '#components/requests';
import { Card } from '#components/ui';
import { readRequest } from '#lib/console';
import type { GrantView, RequestView, Viewer } from '#lib/views';
import { requireViewer } from '../../../session';
import { status } from '../../status';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

const read = cache(async (id: string) => readRequest(await requireViewer(), id));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const found = await read((await params).id);
  return {
    title: found === null ? 'No such request' : `${found.request.verbs.join(', ')} on ${found.request.target.name}`,
  };
}

/** It ended without having run or been used: denied, lapsed, cancelled, or void. */
function mayAskAgain(request: RequestView, grant: GrantView | null, viewer: Viewer): boolean {
  if (viewer.role === 'reviewer' || request.state === 'pending' || request.state === 'preparing') return false;
  return request.state !== 'approved' || grant?.endReason === 'voided';
}

export default async function RequestPage({ params }: Props) {
  const viewer = await requireViewer();
  const [found, { warden }] = await Promise.all([read((await params).id), status()]);
  if (found === null) notFound();
  const { request, grant, story } = found;
  return (
    <div className="space-y-4">
      <RequestHead request={request} actions={<Decide request={request} wardenSilent={warden === 'silent'} />} />
      {grant === null ? null : (
        <GrantCard grant={grant} mayRevoke={viewer.role !== 'reviewer' || request.agent.owner.id === viewer.id} />
      )}
      {mayAskAgain(request, grant, viewer) ? <AskAgain requestId={request.id} /> : null}
      <Findings request={request} />
      {request.operation === null ? null : <ExactOperation operation={request.operation} />}
      <Claims reason={request.reason} ticketUrl={request.ticketUrl} />
      <Card title="The story" note="From the ask to the proven end.">
        <div className="p-4">
          <Timeline events={story} />
        </div>
      </Card>
    </div>
  );
}
