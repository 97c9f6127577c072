'use client';

import { type SubmitEvent, useState } from 'react';
import { Button, Dialog, Trouble, useSend } from '#components/ui';
import type { AgentView } from '#lib/views';
import { AgentFields } from './agent-fields';
import { agentForm } from './agent-form';

export function EditAgent({ agent }: { readonly agent: AgentView }) {
  const [open, setOpen] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const { running, trouble, fieldError, send } = useSend();

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = agentForm(new FormData(event.currentTarget));
    setWrong('wrong' in form ? form.wrong : null);
    if ('wrong' in form) return;
    send('PATCH', `/api/console/agents/${agent.id}`, form.body, () => setOpen(false));
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>Edit</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Edit agent"
        lead="Leave the public key empty to keep it as it is. Under another key, what was approved and not collected yet is void."
      >
        <form onSubmit={submit} className="space-y-4">
          <AgentFields
            agent={agent}
            error={(pointer) => (pointer === '/publicJwk' && wrong !== null ? wrong : fieldError(pointer))}
          />
          {agent.keyThumbprint === null ? null : (
            <label className="flex min-h-6 items-center gap-2 text-sm">
              <input type="checkbox" name="removeKey" className="size-4" /> Remove the key it has: the token alone
              collects
            </label>
          )}
          <Trouble>{trouble}</Trouble>
          <Button type="submit" tone="primary" running={running}>
            {running ? 'Saving…' : 'Save'}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
