import { ActionButton, Card, Countdown, VisibleText } from '#components/ui';
import type { InvitationView } from '#lib/views';

export function InvitationList({
  invitations,
  mayCancel,
}: {
  readonly invitations: readonly InvitationView[];
  readonly mayCancel: boolean;
}) {
  if (invitations.length === 0) return null;
  return (
    <Card title="Invited, not here yet">
      <ul className="divide-y divide-line text-sm">
        {invitations.map((invitation) => (
          <li key={invitation.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
            <VisibleText className="font-medium">{invitation.name}</VisibleText>
            <VisibleText className="text-ink-soft">{invitation.email}</VisibleText>
            <span className="text-ink-soft">
              as {invitation.role}, <Countdown until={invitation.expiresAt} suffix=" left" past="link has run out" />
            </span>
            {mayCancel ? (
              <div className="ml-auto">
                <ActionButton
                  method="DELETE"
                  path={`/api/console/invitations/${invitation.id}`}
                  doing="Taking back…"
                  label={`Take back the invitation of ${invitation.name}`}
                >
                  Take back
                </ActionButton>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}
