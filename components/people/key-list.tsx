import { TicketButton } from '#components/approvals';
import { Badge, Time, VisibleText } from '#components/ui';
import { keyClassWords } from '#lib/text';
import type { KeyView } from '#lib/views';

interface KeyListProps {
  readonly keys: readonly KeyView[];
  readonly mayDisable: boolean;
  /** Whether production takes keys whose hardware nobody proved. */
  readonly acceptsClaimed: boolean;
}

/** What a key is, and where nobody proved it, what that means here. */
function words({ class: kind }: KeyView, acceptsClaimed: boolean): string {
  if (kind !== 'claimed') return keyClassWords(kind);
  return `${keyClassWords(kind)}: ${acceptsClaimed ? 'accepted for production here' : 'not for production'}`;
}

/** A person's keys. A key that waits counts for nothing until an owner signs for it. */
export function KeyList({ keys, mayDisable, acceptsClaimed }: KeyListProps) {
  if (keys.length === 0) return <p className="text-ink-soft text-sm">No key yet.</p>;
  return (
    <ul className="space-y-2 text-sm">
      {keys.map((key) => (
        <li key={key.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <VisibleText className="font-medium">{key.label}</VisibleText>
          {key.state === 'active' ? null : (
            <Badge tone={key.state === 'waiting' ? 'warn' : 'neutral'}>{key.state}</Badge>
          )}
          <span className={key.class === 'attested' ? 'text-ink-soft' : 'text-warn'}>{words(key, acceptsClaimed)}</span>
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
