import type { ReactNode } from 'react';
import { PlaceStrip, Resources, Verbs } from '#components/targets';
import { Badge, Card, Countdown, Facts, Time, VisibleText } from '#components/ui';
import type { RequestView } from '#lib/views';
import { dangerWord, exactWord, howLong, howOften, isOpen, isUnknown, STATES } from './words';

/** The facts, in the first screen of a phone. None of them can be hidden by what the agent wrote (T2, T21). */
export function RequestHead({ request, actions }: { readonly request: RequestView; readonly actions?: ReactNode }) {
  const danger = dangerWord(request);
  const state = STATES[request.state];
  return (
    <Card>
      <PlaceStrip target={request.target} />
      <div className="space-y-3 px-4 py-3">
        <h1 className="text-lg leading-snug">
          <Verbs verbs={request.verbs} kind={request.target.kind} className="text-xl" />
          <span className="sr-only"> on </span>
          <Resources resources={request.resources} />
        </h1>
        <p className="flex flex-wrap gap-1.5">
          <Badge tone={danger.tone}>{danger.word}</Badge>
          {isUnknown(request) ? <Badge tone="danger">UNKNOWN</Badge> : null}
          {request.state === 'pending' ? null : <Badge tone={state.tone}>{state.word}</Badge>}
          {request.operation === null ? null : <Badge tone="accent">{exactWord(request)}</Badge>}
          {request.held && isOpen(request) ? <Badge tone="accent">held call</Badge> : null}
        </p>
        <Facts
          facts={[
            {
              label: 'Agent',
              value: (
                <>
                  <VisibleText className="font-medium">{request.agent.name}</VisibleText>, owned by{' '}
                  <VisibleText>{request.agent.owner.name}</VisibleText>
                </>
              ),
            },
            { label: 'How long', value: howLong(request) },
            { label: 'How often', value: howOften(request) },
            ...decision(request),
          ]}
        />
      </div>
      {actions}
    </Card>
  );
}

function decision(request: RequestView): { label: string; value: ReactNode }[] {
  if (request.state === 'pending' || request.state === 'preparing') {
    return [
      {
        label: 'To decide',
        value: (
          <span className="font-medium">
            <Countdown until={request.decideBy} suffix=" left" past="time is up: it lapses" />
          </span>
        ),
      },
    ];
  }
  const by =
    request.decidedBy === null ? null : (
      <>
        {' '}
        by <VisibleText>{request.decidedBy.name}</VisibleText>
      </>
    );
  const at =
    request.decidedAt === null ? null : (
      <>
        , <Time at={request.decidedAt} />
      </>
    );
  const why =
    request.stateReason === null
      ? []
      : [{ label: 'Because', value: <VisibleText multiline>{request.stateReason}</VisibleText> }];
  return [
    {
      label: 'Decision',
      value: (
        <span className="font-medium">
          {STATES[request.state].word}
          {by}
          {at}
        </span>
      ),
    },
    ...why,
  ];
}
