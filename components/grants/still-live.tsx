import { Notice, VisibleText } from '#components/ui';

/** Past its end and not proven dead. Said as loudly as a page can (P5). */
export function StillLive({ why }: { readonly why: string }) {
  return (
    <Notice tone="alarm" role="alert" title="STILL LIVE">
      <p>This credential is past its end and may still work. Countersign keeps trying.</p>
      <p className="mt-1">
        <VisibleText>{why}</VisibleText>
      </p>
    </Notice>
  );
}
