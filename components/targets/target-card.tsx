import { TicketButton } from '#components/approvals';
import { Badge, Card, Code, Facts, Notice, Time, VisibleText } from '#components/ui';
import type { TargetView } from '#lib/views';
import { Environment } from './environment';
import { Resources, Verbs } from './power';

/** One target: what it is, what may be asked of it, what can be read at rest. */
export function TargetCard({ target, mayChange }: { readonly target: TargetView; readonly mayChange: boolean }) {
  const title = (
    <span className="flex flex-wrap items-center gap-2">
      <VisibleText>{target.name}</VisibleText>
      <Environment environment={target.environment} />
      {target.state === 'disabled' ? <Badge>disabled</Badge> : null}
    </span>
  );
  const action =
    mayChange && target.state === 'active' ? (
      <div className="flex flex-wrap gap-2">
        {target.gatewayUrl === null ? null : (
          <TicketButton ticket={{ kind: 'target.renew', params: { targetId: target.id } }}>
            Replace secret or schema
          </TicketButton>
        )}
        <TicketButton tone="danger" ticket={{ kind: 'target.disable', params: { targetId: target.id } }}>
          Disable with your key
        </TicketButton>
      </div>
    ) : null;
  return (
    <Card title={title} action={action}>
      {target.schemaChanged ? <SchemaChanged /> : null}
      {target.typeAgain ? <TypeAgain /> : null}
      {target.gatewayUrl === null ? null : <PointHere url={target.gatewayUrl} />}
      <Facts
        className="p-4"
        facts={[
          ...target.facts
            .filter(isNews(target))
            .map(({ label, value }) => ({ label, value: <VisibleText>{value}</VisibleText> })),
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
            value: <RestReads target={target} />,
          },
          { label: 'Added', value: <Time at={target.createdAt} detail="day" /> },
        ]}
      />
    </Card>
  );
}

/** What an owner came for, as wide as the card: on a phone an address in a narrow column breaks five times. */
function PointHere({ url }: { readonly url: string }) {
  return (
    <div className="space-y-1.5 p-4 pb-0 text-sm">
      <p className="text-ink-soft">Point clients at</p>
      <Code copy="the address">{url}</Code>
    </div>
  );
}

function SchemaChanged() {
  return (
    <Notice tone="warn" className="m-4 mb-0" title="The provider’s schema is another than the one that was signed.">
      <p>What is new in it is not known here and does not pass. Replace secret or schema to take it as it is now.</p>
    </Notice>
  );
}

/** What a provider's secret is sealed to says the notice above: the gateway's own words on it would say it twice. */
const isNews =
  ({ typeAgain }: TargetView) =>
  ({ label }: TargetView['facts'][number]): boolean =>
    !(typeAgain && label === 'Trouble');

function TypeAgain() {
  return (
    <Notice tone="warn" className="m-4 mb-0" title="Its secret is sealed to an earlier key of the gateway’s.">
      <p>Nothing passes here until an owner types the secret again: Replace secret or schema.</p>
    </Notice>
  );
}

function RestReads({ target }: { readonly target: TargetView }) {
  if (target.restReads.length === 0) return 'nothing';
  return target.gatewayUrl === null ? (
    <Resources resources={target.restReads} />
  ) : (
    <VisibleText>{`${target.restReads.join(', ')}; by the agents an owner lets`}</VisibleText>
  );
}
