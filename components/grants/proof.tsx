import { VisibleText } from '#components/ui';

/** What the probe saw when it tried the dead credential. */
export function Proof({ lines }: { readonly lines: readonly string[] }) {
  return (
    <div className="rounded-control border border-transparent bg-ok-wash px-3 py-2 text-sm">
      <p className="font-medium text-ok">Proven dead</p>
      <ul className="mt-1 space-y-0.5 font-mono text-xs">
        {lines.map((line) => (
          <li key={line}>
            <VisibleText>{line}</VisibleText>
          </li>
        ))}
      </ul>
    </div>
  );
}
