'use client';

import { type SubmitEvent, useState } from 'react';
import { FirstRequest } from '#components/requests';
import { Button, ButtonLink, Card, Trouble, textOf, useSend } from '#components/ui';
import type { TargetView } from '#lib/views';
import { AgentFields } from './agent-fields';
import { agentForm } from './agent-form';
import { TokenOnce } from './token-once';

interface Made {
  readonly id: string;
  readonly token: string;
}

interface NewAgentProps {
  readonly origin: string;
  /** For the example line. */
  readonly target: Pick<TargetView, 'name' | 'kind' | 'verbs' | 'exampleResources' | 'gatewayUrl'> | null;
}

/** Registers an agent, then shows its token the one time it can be seen. */
export function NewAgent({ origin, target }: NewAgentProps) {
  const [made, setMade] = useState<Made | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const { running, trouble, fieldError, send } = useSend();

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = agentForm(new FormData(event.currentTarget));
    setWrong('wrong' in form ? form.wrong : null);
    if ('wrong' in form) return;
    send('POST', '/api/console/agents', form.body, (body) => {
      const [id, token] = [textOf(body, 'id'), textOf(body, 'token')];
      if (id !== null && token !== null) setMade({ id, token });
    });
  }

  if (made !== null) return <Registered made={made} origin={origin} target={target} />;
  return (
    <Card className="max-w-xl p-4">
      <form onSubmit={submit} className="space-y-4">
        <AgentFields error={(pointer) => (pointer === '/publicJwk' && wrong !== null ? wrong : fieldError(pointer))} />
        <Trouble>{trouble}</Trouble>
        <Button type="submit" tone="primary" running={running}>
          {running ? 'Registering…' : 'Register agent'}
        </Button>
      </form>
    </Card>
  );
}

function Registered({ made, origin, target }: NewAgentProps & { readonly made: Made }) {
  return (
    <Card title="Registered" className="max-w-2xl">
      <div className="space-y-4 p-4 text-sm">
        <TokenOnce token={made.token} />
        <FirstRequest origin={origin} target={target} token={made.token} />
        <ButtonLink href={`/agents/${made.id}`}>Go to the agent</ButtonLink>
      </div>
    </Card>
  );
}
