'use client';

import { type SubmitEvent, useState } from 'react';
import { OPENING, useTicket } from '#components/approvals';
import { Button, Dialog, Trouble } from '#components/ui';
import type { AgentView } from '#lib/views';
import { SecretsFields } from './agent-fields';
import { agentForm } from './agent-form';

/** Other secrets, with or without another key. The old ones are refused as soon as a key has signed. */
export function RotateSecrets({ agent }: { readonly agent: AgentView }) {
  const [isOpen, setOpen] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const { running, trouble, fieldError, open } = useTicket();

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = agentForm(new FormData(event.currentTarget));
    setWrong('wrong' in form ? form.wrong : null);
    if ('typed' in form) open({ kind: 'agent.rotate', params: { agentId: agent.id, ...form.typed } });
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>New secrets</Button>
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        title="New secrets"
        lead={
          <>
            The token that ends in <code className="font-mono">{agent.tokenHint}</code> stops working when you sign.
            What this agent asked is denied, and what it holds ends.
          </>
        }
      >
        <form onSubmit={submit} className="space-y-4">
          <SecretsFields
            error={(pointer) => (pointer === '/params/publicJwk' && wrong !== null ? wrong : fieldError(pointer))}
          />
          {agent.keyThumbprint === null ? null : (
            <>
              <p className="text-ink-soft text-xs">Leave the public key empty to keep the one it has.</p>
              <label className="flex min-h-6 items-center gap-2 text-sm">
                <input type="checkbox" name="removeKey" className="size-4" /> Remove its key: it collects with a collect
                secret
              </label>
            </>
          )}
          <Trouble>{trouble}</Trouble>
          <Button type="submit" tone="primary" running={running}>
            {running ? OPENING : 'Make them with your key'}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
