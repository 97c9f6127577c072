import type { Offer } from '../../../signing/draft';
import { alertLine, button, mount, show } from '../dom';
import { field } from '../form';
import { showOffer } from '../offer';
import { post } from '../talk';
import { el } from '../tree';

/** The target as it is signed now. */
export interface Renewed {
  readonly name: string;
  readonly environment: string;
  readonly url: string;
}

/** Another secret, or the same one; the provider's schema is taken as it is now. */
export function renew(ticket: string, { name, environment, url }: Renewed): void {
  const secret = field({
    label: 'New secret',
    type: 'password',
    hint: 'Leave it empty to keep the one it has. Either way it is tried, and the provider’s schema is taken anew.',
  });
  const line = alertLine();
  const go = async (): Promise<void> => {
    line.textContent = '';
    const answer = await post<Offer>('/api/renew/draft', { ticket, secret: secret.input.value });
    if (!answer.ok) line.textContent = answer.text;
    else await showOffer(answer.value, go);
  };
  const intro = el(
    'section.facts',
    el('h1', 'Renew ', name),
    el(
      'dl.rows',
      el('div', el('dt', 'Environment'), el('dd', environment)),
      el('div', el('dt', 'Address'), el('dd', url)),
    ),
  );
  const form = mount(el('section.controls'));
  form.append(secret.element, button('primary', 'Try it and review', go), line);
  show(intro, form);
}
