import { TicketButton } from '#components/approvals';
import { Notice, Time, VisibleText } from '#components/ui';
import type { FreezeView } from '#lib/views';

/** On every page while it lasts: who stopped everything, why, and how it ends. */
export function Frozen({ freeze, mayThaw }: { readonly freeze: FreezeView; readonly mayThaw: boolean }) {
  return (
    <Notice tone="alarm" role="alert" title="Everything is frozen: no agent gets or uses anything.">
      <p>
        <VisibleText>{freeze.by.name}</VisibleText> froze it <Time at={freeze.begunAt} />: “
        <VisibleText>{freeze.reason}</VisibleText>”
      </p>
      {mayThaw ? (
        <TicketButton className="mt-2 max-w-56" ticket={{ kind: 'freeze.thaw', params: { freezeId: freeze.id } }}>
          {freeze.by.id === 'warden' ? 'Accept the loss with your key' : 'Thaw with your key'}
        </TicketButton>
      ) : (
        <p>An owner’s key ends it.</p>
      )}
    </Notice>
  );
}
