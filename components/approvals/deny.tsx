'use client';

import { type SubmitEvent, useState } from 'react';
import { Button, Dialog, Field, Trouble, useSend } from '#components/ui';

const MAX = 500;

interface Props {
  readonly requestId: string;
  readonly className?: string;
}

/** Where nobody can say yes: one press, and no reason, since what was found is not the agent's to know (P1, P9). */
export function DenyBlocked({ requestId, className }: Props) {
  const { running, trouble, send } = useSend();
  const deny = (): void => send('POST', `/api/console/requests/${requestId}/deny`, { reason: NOT_AS_ASKED });
  return (
    <div className={className}>
      <Button tone="danger" className="w-full" running={running} onClick={deny}>
        {running ? 'Denying…' : 'Deny'}
      </Button>
      <Trouble>{trouble}</Trouble>
    </div>
  );
}

/** The agent reads it. */
const NOT_AS_ASKED = 'Not approved as it was asked.';

/** Saying no is easy: a reason, one press, no key (P9). */
export function Deny({ requestId, className }: Props) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const { running, trouble, fieldError, send } = useSend();

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    send('POST', `/api/console/requests/${requestId}/deny`, { reason: reason.trim() }, () => setOpen(false));
  }

  return (
    <div className={className}>
      <Button tone="danger" className="w-full" onClick={() => setOpen(true)}>
        Deny
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Deny this request"
        lead="It ends at once and cannot be approved any more. The agent reads your reason."
      >
        <form onSubmit={submit} className="space-y-4">
          <Field label="Reason" error={fieldError('/reason')} hint={`${reason.length} of ${MAX} characters`}>
            {(control) => (
              <textarea
                {...control}
                required
                maxLength={MAX}
                rows={4}
                autoFocus
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
          <div className="flex items-center justify-end gap-2">
            <Button onClick={() => setOpen(false)} disabled={running}>
              Keep it waiting
            </Button>
            <Button type="submit" tone="danger" running={running} disabled={reason.trim() === ''}>
              {running ? 'Denying…' : 'Deny'}
            </Button>
          </div>
          <Trouble>{trouble}</Trouble>
        </form>
      </Dialog>
    </div>
  );
}
