import { cx } from './cx';

const Bar = ({ className }: { readonly className: string }) => (
  <div className={cx('rounded bg-line motion-safe:animate-pulse', className)} />
);

/** A page on its way: a heading and some rows, announced once. */
export function PageSkeleton({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="space-y-4">
      <Bar className="h-7 w-40" />
      <Bar className="h-4 w-72 max-w-full" />
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((row) => (
        <div key={row} className="space-y-2 rounded-card border border-line bg-raised p-4">
          <Bar className="h-4 w-1/3" />
          <Bar className="h-4 w-2/3" />
        </div>
      ))}
    </div>
  );
}
