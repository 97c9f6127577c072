import type { Offer } from '../signing/draft';
import { show } from './parts/dom';
import { showOffer } from './parts/offer';
import { start } from './parts/start';
import { linkSecret, post } from './parts/talk';
import { el } from './parts/tree';

/** A ticket leads to a statement; the statement is shown and signed. */
async function review(): Promise<void> {
  const ticket = linkSecret();
  if (ticket === null)
    return show(el('section.facts', el('h1', 'Nothing to review'), el('p', 'Open this page from the console.')));
  const answer = await post<{ offer: Offer }>('/api/ticket', { ticket });
  if (answer.ok) return showOffer(answer.value.offer, review);
  show(el('section.facts', el('h1', 'This cannot be signed'), el('p.alert', answer.text)));
}

start(review);
