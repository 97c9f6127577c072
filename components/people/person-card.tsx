import { TicketButton } from '#components/approvals';
import { Badge, Card, VisibleText } from '#components/ui';
import type { HumanView, Viewer } from '#lib/views';
import { ChangeRole } from './change-role';
import { Disable } from './disable';
import type { Heirs } from './heir';
import { KeyList } from './key-list';

interface PersonCardProps {
  readonly person: HumanView;
  readonly viewer: Viewer;
  /** Who may own agents. */
  readonly heirs: Heirs;
  /** Whether production takes keys whose hardware nobody proved. */
  readonly acceptsClaimed: boolean;
}

/** One person: role, keys, and what an owner may sign about them. */
export function PersonCard({ person, viewer, heirs, acceptsClaimed }: PersonCardProps) {
  const owner = viewer.role === 'owner';
  const title = (
    <span className="flex flex-wrap items-center gap-2">
      <VisibleText>{person.name}</VisibleText>
      <Badge tone={person.role === 'owner' ? 'accent' : 'neutral'}>{person.role}</Badge>
      {person.state === 'active' ? null : (
        <Badge tone={person.state === 'waiting' ? 'warn' : 'neutral'}>
          {person.state === 'waiting' ? 'waits to be confirmed' : 'disabled'}
        </Badge>
      )}
      {person.id === viewer.id ? <span className="font-normal text-ink-soft">you</span> : null}
    </span>
  );
  return (
    <Card
      title={title}
      note={<VisibleText>{person.email}</VisibleText>}
      action={owner ? <PersonActions person={person} self={person.id === viewer.id} heirs={heirs} /> : null}
    >
      <div className="p-4">
        <KeyList keys={person.keys} mayDisable={owner} acceptsClaimed={acceptsClaimed} />
      </div>
    </Card>
  );
}

function PersonActions({
  person,
  self,
  heirs,
}: Pick<PersonCardProps, 'person' | 'heirs'> & { readonly self: boolean }) {
  const params = { humanId: person.id };
  if (person.state === 'waiting')
    return (
      <TicketButton tone="primary" ticket={{ kind: 'human.admit', params }}>
        Confirm with your key
      </TicketButton>
    );
  if (person.state === 'disabled' || self) return null;
  return (
    <div className="flex flex-wrap gap-2">
      <ChangeRole person={person} heirs={heirs} />
      <TicketButton ticket={{ kind: 'key.enroll', params }}>
        Add a key<span className="sr-only"> for {person.name}</span>
      </TicketButton>
      <Disable person={person} heirs={heirs} />
    </div>
  );
}
