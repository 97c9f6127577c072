import { Badge, Time, VisibleText } from '#components/ui';
import type { GatewayCopyView } from '#lib/views';

/** Each copy that spoke in the last hour. A copy that runs with another key than the one in force is not believed. */
export function GatewayCopies({ copies }: { readonly copies: readonly GatewayCopyView[] }) {
  if (copies.length === 0) return 'none has run in the last hour: calls to providers are refused';
  return (
    <ul className="space-y-1.5">
      {copies.map((copy) => {
        const { word, tone } = stateOf(copy);
        return (
          <li key={copy.id} className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
            <VisibleText className="font-mono text-xs">{copy.id}</VisibleText>
            <Badge tone={tone}>{word}</Badge>
            <span className="text-ink-soft text-xs">
              {copy.state === 'running' ? 'since ' : 'last heard '}
              <Time at={copy.state === 'running' ? copy.startedAt : copy.seenAt} detail="second" />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function stateOf({ state, believed }: GatewayCopyView): {
  readonly word: string;
  readonly tone: 'ok' | 'warn' | 'danger';
} {
  if (state === 'silent') return { word: 'not running', tone: 'warn' };
  if (believed === false) return { word: 'running with another key: not believed', tone: 'danger' };
  return { word: 'running', tone: 'ok' };
}
