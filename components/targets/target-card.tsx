import { TicketButton } from '#components/approvals';
import { Badge, Card, Facts, Shown, Time } from '#components/ui';
import type { TargetView } from '#lib/views';
import { Environment } from './environment';
import { Resources, Verbs } from './power';

/** One target: what it is, what may be asked of it, what can be read at rest. */
export function TargetCard({ target, mayChange }: { readonly target: TargetView; readonly mayChange: boolean }) {
  const title = (
    <span className="flex flex-wrap items-center gap-2">
      <Shown>{target.name}</Shown>
      <Environment environment={target.environment} />
      {target.state === 'disabled' ? <Badge>disabled</Badge> : null}
    </span>
  );
  const action =
    mayChange && target.state === 'active' ? (
      <TicketButton tone="danger" ticket={{ kind: 'target.disable', params: { targetId: target.id } }}>
        Disable with your key
      </TicketButton>
    ) : null;
  return (
    <Card title={title} action={action}>
      <Facts
        className="p-4"
        facts={[
          ...target.facts.map(({ label, value }) => ({ label, value: <Shown>{value}</Shown> })),
          { label: 'May be asked', value: <Verbs verbs={target.verbs} kind={target.kind} /> },
          {
            label: 'For example',
            value:
              target.exampleResources.length === 0 ? (
                'nothing found yet'
              ) : (
                <Resources resources={target.exampleResources} />
              ),
          },
          {
            label: 'Read at rest',
            value: target.restReads.length === 0 ? 'nothing' : <Resources resources={target.restReads} />,
          },
          { label: 'Added', value: <Time at={target.createdAt} detail="day" /> },
        ]}
      />
    </Card>
  );
}
