'use client';

import { type SubmitEvent, useState } from 'react';
import { OPENING, useTicket } from '#components/approvals';
import { Button, Card, Trouble } from '#components/ui';
import { DescriptionField, NameField, SecretsFields } from './agent-fields';
import { agentForm } from './agent-form';

/** What is said of a new agent. A key signs it on the warden's page, which shows its secrets once. */
export function NewAgent() {
  const [wrong, setWrong] = useState<string | null>(null);
  const { running, trouble, fieldError, open } = useTicket();
  const error = (pointer: string): string | null =>
    pointer === '/params/publicJwk' && wrong !== null ? wrong : fieldError(pointer);

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = agentForm(new FormData(event.currentTarget));
    setWrong('wrong' in form ? form.wrong : null);
    if ('typed' in form) open({ kind: 'agent.register', params: form.typed });
  }

  return (
    <Card className="max-w-xl p-4">
      <form onSubmit={submit} className="space-y-4">
        <NameField error={error} />
        <DescriptionField error={error('/params/description')} />
        <SecretsFields error={error} />
        <Trouble>{trouble}</Trouble>
        <Button type="submit" tone="primary" running={running}>
          {running ? OPENING : 'Register with your key'}
        </Button>
        <p className="text-ink-soft text-xs">Its secrets are made and shown once, on the page where you sign.</p>
      </form>
    </Card>
  );
}
