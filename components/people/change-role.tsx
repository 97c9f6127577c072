'use client';

import { useState } from 'react';
import { TicketButton } from '#components/approvals';
import { Button, Dialog, Field, VisibleText } from '#components/ui';
import type { HumanView, Role } from '#lib/views';
import { ROLES } from './roles';

export function ChangeRole({ person }: { readonly person: HumanView }) {
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState<Role>(person.role);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Change role</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Change role"
        lead={
          <>
            Of <VisibleText>{person.name}</VisibleText>. It takes your key. As a reviewer they approve nothing: what
            they alone approved ends, and their agents are disabled.
          </>
        }
      >
        <div className="space-y-4">
          <Field label="Role">
            {(control) => (
              <select
                {...control}
                value={role}
                onChange={(event) => setRole(ROLES.find(({ id }) => id === event.target.value)?.id ?? person.role)}
              >
                {ROLES.map(({ id, what }) => (
                  <option key={id} value={id}>
                    {id}: {what}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <TicketButton
            tone="primary"
            disabled={role === person.role}
            ticket={{ kind: 'human.role', params: { humanId: person.id, role } }}
          >
            Review and sign
          </TicketButton>
        </div>
      </Dialog>
    </>
  );
}
