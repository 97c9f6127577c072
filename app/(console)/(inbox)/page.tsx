import type { Metadata } from 'next';
import { FirstRun, RequestList } from '#components/requests';
import { ButtonLink, EmptyState, PageHeader } from '#components/ui';
import { readInbox, readTargets, web } from '#lib/console';
import type { RequestView, Viewer } from '#lib/views';
import { requireViewer } from '../../session';
import { status } from '../status';

export const metadata: Metadata = { title: 'Inbox' };

export default async function InboxPage() {
  const viewer = await requireViewer();
  const [requests, { has }] = await Promise.all([readInbox(viewer), status()]);
  const begun = has.target && has.agent && has.request;
  return (
    <>
      <PageHeader title="Inbox" lead={begun ? 'What waits for a decision, the most dangerous first.' : undefined} />
      {begun ? <Waiting requests={requests} /> : <Beginning viewer={viewer} has={has} />}
    </>
  );
}

async function Beginning({
  viewer,
  has,
}: {
  readonly viewer: Viewer;
  readonly has: Awaited<ReturnType<typeof status>>['has'];
}) {
  return <FirstRun viewer={viewer} has={has} targets={await readTargets(viewer)} origin={web().env.webOrigin} />;
}

function Waiting({ requests }: { readonly requests: readonly RequestView[] }) {
  const pending = requests.filter(({ state }) => state === 'pending');
  const preparing = requests.filter(({ state }) => state === 'preparing');
  return (
    <div className="space-y-6">
      <p role="status" className="sr-only">
        {pending.length === 1 ? '1 request waits' : `${pending.length} requests wait`}
      </p>
      {pending.length > 0 ? (
        <RequestList label="Waiting for a decision" requests={pending} />
      ) : (
        <EmptyState title="Nothing waits for you" action={<ButtonLink href="/history">Look at the history</ButtonLink>}>
          New requests appear here by themselves.
        </EmptyState>
      )}
      {preparing.length === 0 ? null : (
        <section>
          <h2 className="mb-2 font-semibold text-sm">Being prepared</h2>
          <RequestList label="Being prepared" requests={preparing} />
        </section>
      )}
    </div>
  );
}
