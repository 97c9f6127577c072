import type { Metadata } from 'next';
import { Pager } from '#components/audit';
import { Freeze } from '#components/freeze';
import { GrantCard, PastGrants } from '#components/grants';
import { EmptyState, PageHeader } from '#components/ui';
import { readGrants } from '#lib/console';
import { requireViewer } from '../../session';
import { status } from '../status';

export const metadata: Metadata = { title: 'Grants' };

interface Props {
  readonly searchParams: Promise<{ readonly cursor?: string | string[] }>;
}

export default async function GrantsPage({ searchParams }: Props) {
  const viewer = await requireViewer();
  const cursor = [(await searchParams).cursor].flat()[0];
  const [{ live, ended }, { freeze }] = await Promise.all([readGrants(viewer, { cursor }), status()]);
  return (
    <>
      <PageHeader
        title="Grants"
        lead="What agents hold now, and what they held. Revoking takes one press and no key."
        action={viewer.role === 'reviewer' || freeze !== null ? null : <Freeze />}
      />
      {cursor !== undefined ? null : live.length === 0 ? (
        <EmptyState title="Nothing is live">
          A grant appears here when a request is approved, and stays until its end is proven.
        </EmptyState>
      ) : (
        <section aria-label="Live now" className="space-y-3">
          {live.map((grant) => (
            <GrantCard key={grant.id} grant={grant} mayRevoke={viewer.role !== 'reviewer'} />
          ))}
        </section>
      )}
      {ended.items.length === 0 ? null : (
        <section className="mt-8">
          <h2 className="mb-2 font-semibold text-sm">Ended</h2>
          <PastGrants grants={ended.items} />
          <Pager
            newer={cursor === undefined ? null : '/grants'}
            older={ended.next === null ? null : `/grants?cursor=${encodeURIComponent(ended.next)}`}
          />
        </section>
      )}
    </>
  );
}
