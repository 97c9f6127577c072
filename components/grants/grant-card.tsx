import Link from 'next/link';
import { Environment, Resources, Verbs } from '#components/targets';
import { ActionButton, Badge, Code, Facts, Notice, VisibleText } from '#components/ui';
import type { GrantView } from '#lib/views';
import { End } from './end';
import { Proof } from './proof';
import { StillLive } from './still-live';
import { grantState, KINDS, usesLeft } from './words';

interface GrantCardProps {
  readonly grant: GrantView;
  readonly mayRevoke: boolean;
}

/** A grant, from the moment it stands until its end is proven. */
export function GrantCard({ grant, mayRevoke }: GrantCardProps) {
  const state = grantState(grant);
  return (
    <article aria-label={`Grant ${grant.id}`} className="space-y-3 rounded-card border border-line bg-raised p-4">
      {grant.stillLive === null ? null : <StillLive why={grant.stillLive} />}
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone={state.tone}>{state.word}</Badge>
        <Environment environment={grant.target.environment} />
        <span className="text-ink-soft text-xs">{KINDS[grant.kind]}</span>
        {mayRevoke && revocable(grant) ? <Revoke grant={grant} /> : null}
      </div>
      <p>
        <Verbs verbs={grant.verbs} kind={grant.target.kind} />
        <span className="sr-only"> on </span>
        <Resources resources={grant.resources} className="text-sm" />
      </p>
      <Facts facts={factsOf(grant)} />
      {grant.notRun === null ? null : <Notice tone="warn" title={<VisibleText>{grant.notRun}</VisibleText>} />}
      {grant.answer === null ? null : <Answer answer={grant.answer} />}
      {grant.proof === null ? null : <Proof lines={grant.proof} />}
    </article>
  );
}

const revocable = ({ state }: GrantView): boolean => state === 'waiting' || state === 'ready' || state === 'active';

/** One press and no question: ending power is never the dangerous choice (P9). */
function Revoke({ grant }: { readonly grant: GrantView }) {
  return (
    <div className="ml-auto">
      <ActionButton
        method="POST"
        path={`/api/console/grants/${grant.id}/revoke`}
        tone="danger"
        doing="Revoking…"
        label={`Revoke ${grant.agent.name}'s grant on ${grant.target.name}`}
      >
        Revoke
      </ActionButton>
    </div>
  );
}

/** What came back of the one operation. The provider's text, not ours. */
function Answer({ answer }: { readonly answer: NonNullable<GrantView['answer']> }) {
  return (
    <details>
      <summary className="cursor-pointer py-1 text-sm">
        Said by the gateway: the provider answered {answer.status}
        {answer.truncated ? ', longer than is kept' : ''}
      </summary>
      <Code className="mt-1" copy="the answer">
        {answer.body}
      </Code>
    </details>
  );
}

function factsOf(grant: GrantView) {
  return [
    { label: 'Target', value: <VisibleText>{grant.target.name}</VisibleText> },
    {
      label: 'Agent',
      value: (
        <Link className="link" href={`/agents/${grant.agent.id}`} prefetch={false}>
          <VisibleText>{grant.agent.name}</VisibleText>
        </Link>
      ),
    },
    { label: 'End', value: <End grant={grant} /> },
    ...(grant.kind === 'resting' ? [] : [{ label: 'Approved by', value: <Approvers grant={grant} /> }]),
    ...(grant.maxUses === null ? [] : [{ label: 'Uses', value: usesLeft(grant) }]),
    ...(grant.reference === null
      ? []
      : [
          { label: 'At the target', value: <VisibleText className="font-mono text-xs">{grant.reference}</VisibleText> },
        ]),
  ];
}

function Approvers({ grant }: { readonly grant: GrantView }) {
  const names = grant.approvedBy.map(({ name }) => name).join(', ');
  return (
    <>
      <VisibleText>{names === '' ? 'nobody' : names}</VisibleText>
      {grant.requestId === null ? null : (
        <>
          {' '}
          ·{' '}
          <Link className="link" href={`/requests/${grant.requestId}`} prefetch={false}>
            the request
          </Link>
        </>
      )}
    </>
  );
}
