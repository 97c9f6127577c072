import type { Metadata } from 'next';
import { InvitationList, Invite, PersonCard } from '#components/people';
import { EmptyState, PageHeader } from '#components/ui';
import { readPeople } from '#lib/console';
import { requireViewer } from '../../session';

export const metadata: Metadata = { title: 'People' };

export default async function PeoplePage() {
  const viewer = await requireViewer();
  const { people, acceptsClaimed, invitations } = await readPeople(viewer);
  const owner = viewer.role === 'owner';
  const heirs = people.filter(({ state, role }) => state === 'active' && role !== 'reviewer');
  return (
    <>
      <PageHeader
        title="People"
        lead="Who decides, and with which keys. Every change is signed."
        action={owner ? <Invite /> : undefined}
      />
      <div className="space-y-3">
        {people.map((person) => (
          <PersonCard key={person.id} person={person} viewer={viewer} heirs={heirs} acceptsClaimed={acceptsClaimed} />
        ))}
        {people.length === 0 ? <EmptyState title="Nobody is here yet" /> : null}
        <InvitationList invitations={invitations} mayCancel={owner} />
      </div>
    </>
  );
}
