'use client';

import { type SubmitEvent, useState } from 'react';
import { OPENING, useTicket } from '#components/approvals';
import { Button, Dialog, Field, Trouble, useSend } from '#components/ui';
import { visible } from '#lib/text';
import type { AgentView } from '#lib/views';
import { DescriptionField, NameField } from './agent-fields';

interface EditAgentProps {
  readonly agent: AgentView;
  /** Whom it could be handed to; empty for who may not hand over. */
  readonly owners: readonly { readonly id: string; readonly name: string }[];
}

/** The description is saved here; a name and an owner are what approvers go by, and take a key. */
export function EditAgent({ agent, owners }: EditAgentProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Edit</Button>
      <Dialog open={isOpen} onOpenChange={setOpen} title="Edit agent">
        <div className="space-y-6">
          <Description agent={agent} done={() => setOpen(false)} />
          <NameAndOwner agent={agent} owners={owners} />
        </div>
      </Dialog>
    </>
  );
}

const text = (form: FormData, name: string): string => String(form.get(name) ?? '').trim();

function Description({ agent, done }: { readonly agent: AgentView; readonly done: () => void }) {
  const { running, trouble, fieldError, send } = useSend();

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const description = text(new FormData(event.currentTarget), 'description');
    send('PATCH', `/api/console/agents/${agent.id}`, { description }, done);
  }

  return (
    <form onSubmit={submit} className="space-y-3">
      <DescriptionField agent={agent} error={fieldError('/description')} />
      <Trouble>{trouble}</Trouble>
      <Button type="submit" running={running}>
        {running ? 'Saving…' : 'Save'}
      </Button>
    </form>
  );
}

function NameAndOwner({ agent, owners }: EditAgentProps) {
  const { running, trouble, fieldError, open } = useTicket();

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const ownerId = form.has('ownerId') ? text(form, 'ownerId') : agent.owner.id;
    open({ kind: 'agent.change', params: { agentId: agent.id, name: text(form, 'name'), ownerId } });
  }

  return (
    <form onSubmit={submit} className="space-y-3 border-line border-t pt-4">
      <NameField name={agent.name} error={fieldError} />
      {owners.length === 0 ? null : (
        <Field
          label="Owner"
          hint="With another owner its secrets and its reading at rest end; what it asked is denied, and what it holds ends."
          error={fieldError('/params/ownerId')}
        >
          {(control) => (
            <select {...control} name="ownerId" defaultValue={agent.owner.id}>
              {owners.map(({ id, name }) => (
                <option key={id} value={id}>
                  {visible(name)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Trouble>{trouble}</Trouble>
      <Button type="submit" running={running}>
        {running ? OPENING : 'Change with your key'}
      </Button>
    </form>
  );
}
