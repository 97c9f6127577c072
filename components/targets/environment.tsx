import { cx, VisibleText } from '#components/ui';

const isProduction = (environment: string): boolean => environment === 'production';

/** Where it would happen. PRODUCTION is loud in word and in colour; nothing else looks like it. */
export function Environment({ environment, className }: { readonly environment: string; readonly className?: string }) {
  return (
    <span
      className={cx(
        'inline-flex rounded px-1.5 py-0.5 font-semibold text-xs tracking-wide',
        isProduction(environment) ? 'bg-danger text-danger-ink' : 'border border-line-strong text-ink-soft',
        className,
      )}
    >
      {isProduction(environment) ? 'PRODUCTION' : <VisibleText>{environment}</VisibleText>}
    </span>
  );
}

interface PlaceStripProps {
  readonly target: { readonly name: string; readonly kind: string; readonly environment: string };
}

/** The bar over a request: the environment first, then the target. */
export function PlaceStrip({ target }: PlaceStripProps) {
  const loud = isProduction(target.environment);
  return (
    <p
      className={cx(
        'flex flex-wrap items-baseline gap-x-3 rounded-t-card px-4 py-2 text-sm',
        loud ? 'bg-danger text-danger-ink' : 'border-line border-b bg-sunken',
      )}
    >
      <strong className="font-bold tracking-wide">
        {loud ? 'PRODUCTION' : <VisibleText>{target.environment}</VisibleText>}
      </strong>
      <span className="wrap-anywhere">
        <VisibleText className="font-medium">{target.name}</VisibleText> ({target.kind})
      </span>
    </p>
  );
}
