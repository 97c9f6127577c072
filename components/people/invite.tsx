'use client';

import { type SubmitEvent, useState } from 'react';
import { Button, Code, Dialog, Field, Trouble, textOf, useSend } from '#components/ui';
import { ROLES } from './roles';

/** A link for one person, once, for a day. Their key counts after an owner confirms it. */
export function Invite() {
  const [open, setOpen] = useState(false);
  const [url, setUrl] = useState<string | null>(null);
  const { running, trouble, fieldError, send } = useSend();

  function change(next: boolean): void {
    setOpen(next);
    if (!next) setUrl(null);
  }

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.currentTarget));
    send('POST', '/api/console/invitations', body, (answer) => setUrl(textOf(answer, 'url')));
  }

  return (
    <>
      <Button tone="primary" onClick={() => setOpen(true)}>
        Invite a person
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        title="Invite a person"
        lead="They register a key of their own. It counts for approving after an owner confirms it here."
      >
        {url === null ? (
          <form onSubmit={submit} className="space-y-4">
            <Field label="Name" error={fieldError('/name')}>
              {(control) => <input {...control} name="name" required maxLength={80} autoComplete="off" />}
            </Field>
            <Field label="E-mail" error={fieldError('/email')}>
              {(control) => (
                <input {...control} name="email" type="email" required maxLength={200} autoComplete="off" />
              )}
            </Field>
            <Field label="Role" error={fieldError('/role')}>
              {(control) => (
                <select {...control} name="role" defaultValue="approver">
                  {ROLES.map(({ id, what }) => (
                    <option key={id} value={id}>
                      {id}: {what}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Trouble>{trouble}</Trouble>
            <Button type="submit" tone="primary" running={running}>
              {running ? 'Making the link…' : 'Make the link'}
            </Button>
          </form>
        ) : (
          <Made url={url} />
        )}
      </Dialog>
    </>
  );
}

function Made({ url }: { readonly url: string }) {
  return (
    <div role="status" className="space-y-3 text-sm">
      <p>Hand this link over yourself. It works once, within 24 hours, and is not shown again.</p>
      <Code copy="the link">{url}</Code>
    </div>
  );
}
