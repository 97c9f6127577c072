import { Field } from '#components/ui';
import type { AgentView } from '#lib/views';

type ErrorOf = (pointer: string) => string | null;

/** What approvers read of an agent. */
export function NameField({ name, error }: { readonly name?: string; readonly error: ErrorOf }) {
  return (
    <Field label="Name" hint="What approvers will read, for example deploy-bot." error={error('/params/name')}>
      {(control) => <input {...control} name="name" required maxLength={60} autoComplete="off" defaultValue={name} />}
    </Field>
  );
}

interface DescriptionFieldProps {
  readonly agent?: Pick<AgentView, 'description'>;
  readonly error: string | null;
}

export function DescriptionField({ agent, error }: DescriptionFieldProps) {
  return (
    <Field label="Description" hint="What it does and where it runs." error={error}>
      {(control) => (
        <textarea {...control} name="description" rows={2} maxLength={500} defaultValue={agent?.description} />
      )}
    </Field>
  );
}

const LIVES = [
  [30, '30 days'],
  [90, '90 days'],
  [365, 'a year'],
] as const;

/** What an agent proves itself with, and for how long. */
export function SecretsFields({ error }: { readonly error: ErrorOf }) {
  return (
    <>
      <Field label="Its secrets end after" error={error('/params/days')}>
        {(control) => (
          <select {...control} name="days" defaultValue={90}>
            {LIVES.map(([days, words]) => (
              <option key={days} value={days}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field
        label="Public key (optional)"
        hint="A JWK, P-256 or Ed25519. With one, the agent collects with a proof by its private key (DPoP) and has no secret for that."
        error={error('/params/publicJwk')}
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
