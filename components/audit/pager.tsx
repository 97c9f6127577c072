import { ButtonLink } from '#components/ui';

interface PagerProps {
  /** Null where there is no such page. */
  readonly newer: string | null;
  readonly older: string | null;
}

/** Links, so that a page of the past can be kept and sent. */
export function Pager({ newer, older }: PagerProps) {
  if (newer === null && older === null) return null;
  return (
    <nav aria-label="Pages" className="mt-4 flex justify-between gap-2">
      {newer === null ? <span /> : <ButtonLink href={newer}>Newer</ButtonLink>}
      {older === null ? <span /> : <ButtonLink href={older}>Older</ButtonLink>}
    </nav>
  );
}
