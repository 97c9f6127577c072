import type { Settings } from '#scripts/installation';

interface OpenRequest {
  readonly id: string;
  readonly state: string;
  readonly links: { readonly cancel: string | null };
}

/** The agent's own undecided requests, as REST v1 tells them. */
export async function openRequests(
  { webOrigin }: Pick<Settings, 'webOrigin'>,
  token: string,
): Promise<readonly OpenRequest[]> {
  const answer = await fetch(`${webOrigin}/api/v1/requests`, { headers: { authorization: `Bearer ${token}` } });
  const { items } = (await answer.json()) as { readonly items: readonly OpenRequest[] };
  return items.filter(({ state }) => state === 'pending');
}

/** A held call's request outlives the call: whoever looks around afterwards finds none that nobody waits for. */
export async function cancelOpen(settings: Pick<Settings, 'webOrigin'>, token: string): Promise<void> {
  for (const { links } of await openRequests(settings, token)) {
    if (links.cancel === null) continue;
    await fetch(links.cancel, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  }
}
