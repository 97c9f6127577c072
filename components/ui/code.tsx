import { visible } from '#lib/text';
import { Copy } from './actions/copy';
import { cx } from './cx';

interface CodeProps {
  readonly children: string;
  /** What the copy button copies, named for a screen reader. Left out: no button. */
  readonly copy?: string;
  readonly className?: string;
}

/** A block of literal text: every character shown, long lines wrapped, none hidden (T20, T21). */
export function Code({ children, copy, className }: CodeProps) {
  return (
    <div className={cx('relative rounded-control border border-line bg-sunken', className)}>
      <pre
        className={cx(
          'whitespace-pre-wrap px-3 py-2.5 font-mono text-xs leading-relaxed wrap-anywhere',
          copy !== undefined && 'pr-20',
        )}
      >
        <code>{visible(children, { multiline: true })}</code>
      </pre>
      {copy === undefined ? null : <Copy text={children} what={copy} className="absolute top-1.5 right-1.5" />}
    </div>
  );
}
