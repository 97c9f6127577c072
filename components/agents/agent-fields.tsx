import { Field } from '#components/ui';
import type { AgentView } from '#lib/views';

interface AgentFieldsProps {
  /** What stands there already; left out for a new agent. */
  readonly agent?: Pick<AgentView, 'name' | 'description'>;
  readonly error: (pointer: string) => string | null;
}

/** What is said about an agent by those who answer for it. */
export function AgentFields({ agent, error }: AgentFieldsProps) {
  return (
    <>
      <Field label="Name" hint="What approvers will read, for example deploy-bot." error={error('/name')}>
        {(control) => (
          <input {...control} name="name" required maxLength={60} autoComplete="off" defaultValue={agent?.name} />
        )}
      </Field>
      <Field label="Description" hint="What it does and where it runs." error={error('/description')}>
        {(control) => (
          <textarea {...control} name="description" rows={2} maxLength={500} defaultValue={agent?.description} />
        )}
      </Field>
      <Field
        label="Public key (optional)"
        hint="A JWK, P-256 or Ed25519. With one, collecting a credential also takes a proof signed by the agent's private key (DPoP)."
        error={error('/publicJwk')}
      >
        {(control) => (
          <textarea
            {...control}
            name="publicJwk"
            rows={3}
            spellCheck={false}
            className={`${control.className} font-mono text-xs`}
            placeholder='{"kty":"EC","crv":"P-256","x":"…","y":"…"}'
          />
        )}
      </Field>
    </>
  );
}
