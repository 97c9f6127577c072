/** The body to send, or a sentence about what is wrong with the pasted key. */
export type AgentForm = { readonly body: object } | { readonly wrong: string };

/** An empty key is left out, so that it stays as it is; the box beside it removes one. */
export function agentForm(form: FormData): AgentForm {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const body = { name: text('name'), description: text('description') };
  if (form.has('removeKey')) return { body: { ...body, publicJwk: null } };
  const pasted = text('publicJwk');
  if (pasted === '') return { body };
  const publicJwk = parsed(pasted);
  if (publicJwk === null) return { wrong: 'The public key is a JSON object, for example {"kty":"EC",…}.' };
  if ('d' in publicJwk)
    return { wrong: 'This is a private key, and it was not sent. Paste the public one, without "d".' };
  return { body: { ...body, publicJwk } };
}

function parsed(json: string): object | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
