import { Code, Notice } from '#components/ui';

/** The one time a token is seen. Only its hash is kept. */
export function TokenOnce({ token }: { readonly token: string }) {
  return (
    <div className="space-y-3" role="status">
      <Notice tone="warn" title="Copy this token now. It is not shown again.">
        <p>
          Countersign keeps only its hash. Whoever holds it can ask and read what this agent asked; that is all it can
          do.
        </p>
      </Notice>
      <Code copy="the token">{token}</Code>
    </div>
  );
}
