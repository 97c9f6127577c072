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
          <Picture of={key} />
          <VisibleText className="font-medium">{key.label}</VisibleText>
          <Model of={key} />
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

/** A model is proven with the hardware; before that it is what the key calls itself. */
function Model({ of: { model, class: kind } }: { readonly of: KeyView }) {
  if (model === null) return null;
  return (
    <span className="text-ink-soft">
      {kind === 'attested' ? null : 'calls itself '}
      <VisibleText>{model}</VisibleText>
    </span>
  );
}

/** The maker's own picture would vouch for a key whose maker does not. */
function Picture({ of: { icon, class: kind } }: { readonly of: KeyView }) {
  if (icon === null || kind !== 'attested') return null;
  // biome-ignore lint/performance/noImgElement: it is a data address, a few kilobytes that are here already.
  return <img src={icon} alt="" width={20} height={20} className="size-5" />;
}
