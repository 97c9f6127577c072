import { visible } from '#lib/text';
import { cx } from './cx';

interface VisibleTextProps {
  readonly children: string;
  /** Keep line breaks and tabs. */
  readonly multiline?: boolean;
  readonly className?: string;
}

/**
 * Text from outside, inert and complete: what cannot be seen is written out as
 * `\u{202E}`, long words wrap, nothing is cut off (T20, T21). `bdi` keeps
 * right-to-left letters from reordering what stands beside them.
 */
export function VisibleText({ children, multiline = false, className }: VisibleTextProps) {
  return (
    <bdi className={cx('wrap-anywhere', multiline && 'whitespace-pre-wrap', className)}>
      {visible(children, { multiline })}
    </bdi>
  );
}
