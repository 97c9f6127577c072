'use client';

import { type SubmitEvent, useState } from 'react';
import { Button, Dialog, Field, Trouble, useSend } from '#components/ui';

const MAX = 500;

/** Stops everything at once, without a key (P9). */
export function Freeze({ className }: { readonly className?: string }) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const { running, trouble, fieldError, send } = useSend();

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    send('POST', '/api/console/freeze', { reason: reason.trim() }, () => setOpen(false));
  }

  return (
    <div className={className}>
      <Button tone="danger" onClick={() => setOpen(true)}>
        Freeze everything
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Freeze everything"
        lead="No agent gets or uses anything, reads through the gateway stop, and every live credential is ended. Requests are kept; what was approved and not collected has to be approved again. It takes an owner’s key to thaw."
      >
        <form onSubmit={submit} className="space-y-4">
          <Field label="Reason" error={fieldError('/reason')} hint={`${reason.length} of ${MAX} characters`}>
            {(control) => (
              <textarea
                {...control}
                required
                maxLength={MAX}
                rows={3}
                autoFocus
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
          <div className="flex items-center justify-end gap-2">
            <Button onClick={() => setOpen(false)} disabled={running}>
              Leave it running
            </Button>
            <Button type="submit" tone="danger" running={running} disabled={reason.trim() === ''}>
              {running ? 'Freezing…' : 'Freeze'}
            </Button>
          </div>
          <Trouble>{trouble}</Trouble>
        </form>
      </Dialog>
    </div>
  );
}
