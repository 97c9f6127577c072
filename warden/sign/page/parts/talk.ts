interface Problem {
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly text: string; readonly code: string };

const SILENT = 'Countersign does not answer. Nothing was done. Try again in a moment.';

/** One call to the warden. What it refuses comes back in its own words; `silent` is said where nothing came back. */
export async function post<T>(path: string, body: object, silent: string = SILENT): Promise<Answer<T>> {
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    const value: unknown = await response.json();
    return response.ok ? { ok: true, value: value as T } : refusal(value as Problem);
  } catch {
    return { ok: false, code: 'unavailable', text: silent };
  }
}

function refusal({ detail = SILENT, code = 'internal', errors = [] }: Problem): Answer<never> {
  const fields = errors.map((error) => `${error.pointer.split('/').slice(1).join(' ')}: ${error.detail}`);
  return { ok: false, code, text: [detail, ...fields].join('\n') };
}

/** The secret of the link, out of the address bar and its history, kept for a reload of this tab. */
export function linkSecret(): string | null {
  const fromLink = location.hash.slice(1);
  if (fromLink !== '') {
    sessionStorage.setItem(location.pathname, fromLink);
    history.replaceState(null, '', location.pathname);
  }
  // Another link opened in this tab differs in its fragment only, and that loads nothing by itself.
  window.addEventListener('hashchange', () => location.reload(), { once: true });
  return sessionStorage.getItem(location.pathname);
}
