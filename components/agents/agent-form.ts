/** What was typed, or a sentence about what is wrong with the pasted key. */
export type AgentForm = { readonly typed: object } | { readonly wrong: string };

/** The fields of a form that stand in it. An empty key is left out, so that it stays as it is; the box beside it removes one. */
export function agentForm(form: FormData): AgentForm {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const typed = {
    ...(form.has('name') ? { name: text('name') } : {}),
    ...(form.has('description') ? { description: text('description') } : {}),
    ...(form.has('days') ? { days: Number(text('days')) } : {}),
  };
  if (form.has('removeKey')) return { typed: { ...typed, publicJwk: null } };
  const pasted = text('publicJwk');
  if (pasted === '') return { typed };
  const publicJwk = parsed(pasted);
  if (publicJwk === null) return { wrong: 'The public key is a JSON object, for example {"kty":"EC",…}.' };
  if ('d' in publicJwk)
    return { wrong: 'This is a private key, and it was not sent. Paste the public one, without "d".' };
  return { typed: { ...typed, publicJwk } };
}

function parsed(json: string): object | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
