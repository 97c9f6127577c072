import { TicketButton } from '#components/approvals';
import { Badge, Time, VisibleText } from '#components/ui';
import type { KeyView } from '#lib/views';

/** What a class is worth, in words. */
const CLASSES: Readonly<Record<KeyView['class'], string>> = {
  attested: 'hardware key, attested by its maker',
  hardware: 'hardware key',
  synced: 'synced passkey: not for production',
};

/** A person's keys. A key that waits counts for nothing until an owner signs for it. */
export function KeyList({ keys, mayDisable }: { readonly keys: readonly KeyView[]; readonly mayDisable: boolean }) {
  if (keys.length === 0) return <p className="text-ink-soft text-sm">No key yet.</p>;
  return (
    <ul className="space-y-2 text-sm">
      {keys.map((key) => (
        <li key={key.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <VisibleText className="font-medium">{key.label}</VisibleText>
          {key.state === 'active' ? null : (
            <Badge tone={key.state === 'waiting' ? 'warn' : 'neutral'}>{key.state}</Badge>
          )}
          <span className={key.class === 'synced' ? 'text-warn' : 'text-ink-soft'}>{CLASSES[key.class]}</span>
          <span className="text-ink-soft">
            {key.lastUsedAt === null ? (
              'never used'
            ) : (
              <>
                used <Time at={key.lastUsedAt} detail="day" />
              </>
            )}
          </span>
          {mayDisable && key.state === 'active' ? (
            <TicketButton tone="quiet" className="ml-auto" ticket={{ kind: 'key.disable', params: { keyId: key.id } }}>
              Disable<span className="sr-only"> the key {key.label}</span>
            </TicketButton>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
