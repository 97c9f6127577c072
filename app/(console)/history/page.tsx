import type { Metadata } from 'next';
import { address, EventList, FilterForm, isFiltered, Pager, type Query, readQuery, toFilter } from '#components/audit';
import { EmptyState, PageHeader } from '#components/ui';
import { readFilterChoices, readHistory } from '#lib/console';
import { requireViewer } from '../../session';

export const metadata: Metadata = { title: 'History' };

const PATH = '/history';

export default async function HistoryPage({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const viewer = await requireViewer();
  const query = readQuery(await searchParams);
  const { trail } = query;
  const [page, choices] = await Promise.all([readHistory(viewer, toFilter(query), trail.at(-1)), readFilterChoices()]);
  return (
    <>
      <PageHeader title="History" lead="Every event, newest first. Open one to see the record as it is kept." />
      <FilterForm key={address(PATH, query, [])} path={PATH} query={query} choices={choices} />
      {page.items.length === 0 ? (
        <EmptyState title={isFiltered(query) ? 'No event fits this filter' : 'Nothing happened yet'} />
      ) : (
        <EventList events={page.items} />
      )}
      <Pager
        newer={trail.length === 0 ? null : address(PATH, query, trail.slice(0, -1))}
        older={page.next === null ? null : address(PATH, query, [...trail, page.next])}
      />
    </>
  );
}
