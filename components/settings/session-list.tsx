import { ActionButton, Badge, Time } from '#components/ui';
import { visible } from '#lib/text';
import type { SessionView } from '#lib/views';
import { browserName } from './browser-name';

/** Where one is signed in; each can be ended here, on the server. */
export function SessionList({ sessions }: { readonly sessions: readonly SessionView[] }) {
  return (
    <ul className="divide-y divide-line text-sm">
      {sessions.map((session) => (
        <li key={session.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
          <div className="min-w-0 flex-1 basis-64">
            <p title={visible(session.userAgent)}>{browserName(session.userAgent)}</p>
            <p className="text-ink-soft text-xs">
              {session.method === 'key' ? 'with a key' : 'with single sign-on'}, since <Time at={session.createdAt} />,
              last seen <Time at={session.lastSeenAt} />
            </p>
          </div>
          {session.current ? (
            <Badge tone="ok">this one</Badge>
          ) : (
            <ActionButton method="DELETE" path={`/api/console/sessions/${session.id}`} doing="Ending…">
              End
            </ActionButton>
          )}
        </li>
      ))}
    </ul>
  );
}
