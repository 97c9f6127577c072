import { cx, VisibleText } from '#components/ui';
import type { TargetView } from '#lib/views';

const DESTROYS: ReadonlySet<string> = new Set(['delete', 'truncate']);
const joined = 'flex flex-wrap items-baseline gap-x-2 gap-y-1';

interface VerbsProps {
  readonly verbs: readonly string[];
  readonly kind: TargetView['kind'];
  readonly className?: string;
}

/** Every verb, whole; those that destroy rows stand out. */
export function Verbs({ verbs, kind, className }: VerbsProps) {
  return (
    <span className={cx(joined, className)}>
      {verbs.map((verb, index) => (
        <span key={verb}>
          <VisibleText
            className={cx(
              'font-mono font-semibold',
              kind === 'postgres' && DESTROYS.has(verb) && 'text-danger underline decoration-2 underline-offset-4',
            )}
          >
            {verb}
          </VisibleText>
          {index < verbs.length - 1 ? ',' : ''}
        </span>
      ))}
    </span>
  );
}

/** Every resource, whole: long names wrap, none is cut off (T21). */
export function Resources({
  resources,
  className,
}: {
  readonly resources: readonly string[];
  readonly className?: string;
}) {
  return (
    <span className={cx(joined, className)}>
      {resources.map((resource, index) => (
        <span key={resource} className="min-w-0">
          <VisibleText className="font-mono">{resource}</VisibleText>
          {index < resources.length - 1 ? ',' : ''}
        </span>
      ))}
    </span>
  );
}
