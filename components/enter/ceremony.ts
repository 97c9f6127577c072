import { type PublicKeyCredentialRequestOptionsJSON, startAuthentication } from '@simplewebauthn/browser';
import { sendJson, textOf } from '#components/ui';

/** Null when it went well; the browser then has its session. Otherwise why not, in words. */
export type SignInResult = string | null;

/** The key's part, then next-auth's callback. A signature made here never approves anything: the warden accepts only its own origin. */
export async function signInWithKey(): Promise<SignInResult> {
  const asked = await sendJson('POST', '/api/auth/challenge');
  if (!asked.ok) return asked.problem.detail;
  try {
    const assertion = await startAuthentication({ optionsJSON: asked.body as PublicKeyCredentialRequestOptionsJSON });
    const { ok } = await nextAuth('/api/auth/callback/key', { assertion: JSON.stringify(assertion) });
    return ok ? null : 'This key does not open a session here. Is it the one you registered?';
  } catch (error) {
    return keyTrouble(error);
  }
}

/** Leads to the provider. Resolves only where that fails. */
export async function signInWithOidc(): Promise<SignInResult> {
  try {
    const answer = await nextAuth('/api/auth/signin/oidc', {});
    const url = textOf(await answer.json(), 'url');
    if (!answer.ok || url === null) return 'The sign-in provider could not be reached.';
    location.assign(url);
    return null;
  } catch {
    return 'The sign-in provider could not be reached.';
  }
}

/** next-auth takes forms, with the token it gave out before. */
async function nextAuth(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
  const csrf: unknown = await (await fetch('/api/auth/csrf')).json();
  const body = new URLSearchParams({
    ...fields,
    csrfToken: textOf(csrf, 'csrfToken') ?? '',
    callbackUrl: '/',
    json: 'true',
  });
  return fetch(path, { method: 'POST', body });
}

function keyTrouble(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The key was not used: it was cancelled, took too long, or is not one this browser knows for this place.';
  if (name === 'NotSupportedError') return 'This browser cannot use security keys.';
  if (name === 'SecurityError')
    return 'The browser refuses keys at this address. Open the console at the address it was set up with.';
  return 'Signing in did not work. Try again.';
}
