import type { Adding } from '../signing/offers';
import { show } from './parts/dom';
import { start } from './parts/start';
import { linkSecret, post } from './parts/talk';
import { add } from './parts/target/add';
import { type Renewed, renew } from './parts/target/renew';
import { el } from './parts/tree';

type Asked = ({ readonly kind: 'target.add' } & Adding) | ({ readonly kind: 'target.renew' } & Renewed);

/** A ticket leads to the form of what it asks for. */
async function open(): Promise<void> {
  const ticket = linkSecret() ?? '';
  const answer = await post<Asked>('/api/ticket', { ticket });
  if (!answer.ok) return show(el('section.facts', el('h1', 'This link does not work'), el('p.alert', answer.text)));
  const { value } = answer;
  if (value.kind === 'target.renew') renew(ticket, value);
  else add(ticket, value);
}

start(open);
