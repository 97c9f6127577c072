'use client';

import { useState } from 'react';
import { TicketButton } from '#components/approvals';
import { Button, Dialog, Field, VisibleText } from '#components/ui';
import type { HumanView, Role } from '#lib/views';
import { Heir, type Heirs } from './heir';
import { ROLES } from './roles';

export function ChangeRole({ person, heirs }: { readonly person: HumanView; readonly heirs: Heirs }) {
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState<Role>(person.role);
  const [heir, setHeir] = useState('');
  const goes = role === 'reviewer';
  const params = { humanId: person.id, role, ...(goes && heir !== '' ? { agentsTo: heir } : {}) };
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
            they alone approved ends.
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
          {goes ? <Heir person={person} heirs={heirs} value={heir} onChange={setHeir} /> : null}
          <TicketButton tone="primary" disabled={role === person.role} ticket={{ kind: 'human.role', params }}>
            Review and sign
          </TicketButton>
        </div>
      </Dialog>
    </>
  );
}
