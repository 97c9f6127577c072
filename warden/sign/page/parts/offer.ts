import { keyClassWords, visible } from '#lib/text';
import type { Offer } from '../../signing/draft';
import type { Signed } from '../../signing/sign';
import { keyCode, type Leaf, type Opened, open } from './bytes';
import { alertLine, button, mount, show } from './dom';
import { backLink, showDone } from './done';
import { facts, shown, typedFor } from './facts';
import { askKey } from './key';
import { type Answer, post } from './talk';
import { el, type Tree } from './tree';

/** What the page says before a key is asked, all of it, as a tree that can be tested without a browser. */
export function page(opened: Opened, code: string | null): { readonly before: Tree; readonly after: Tree } {
  return { before: facts(opened.statement, code), after: everything(opened) };
}

function everything({ leaves, shortCode }: Opened): Tree {
  const leaf = ({ path, value, literal }: Leaf): Tree =>
    el('div', el('dt', ...shown(path)), literal ? el('dd.literal', value) : el('dd', ...shown(value, true)));
  const code = el(
    'p',
    'Short code ',
    el('code.short', shortCode),
    '. It is the same wherever this statement is shown.',
  );
  return el('section.everything', el('h2', 'Everything your key signs'), code, el('dl.leaves', leaves.map(leaf)));
}

/** Shows the statement, asks for the key, says what happened. `again` gets a fresh offer. */
export async function showOffer(offer: Offer, again: () => Promise<void>): Promise<void> {
  const opened = await open(offer.statement);
  const { statement } = opened;
  const code = 'enrolled' in statement ? await keyCode(statement.enrolled.publicKey) : null;
  const { before, after } = page(opened, code);
  const line = alertLine();
  const sign = button('primary', 'Sign with your key', () => submit(offer, opened, { sign, line, again }));
  const confirm = 'confirm' in statement ? statement.confirm : null;
  const controls = mount(el('section.controls'));
  controls.append(
    ...(confirm === null ? [] : confirmation(typedFor(statement), confirm, sign)),
    ...keyChoice(offer, opened, { line, again }),
    sign,
    line,
    ...(offer.note === undefined ? [] : [mount(el('p.small', offer.note))]),
    mount(el('p.small', deadline(statement.expiresAt), ' Short code ', el('code.short', opened.shortCode), '.')),
  );
  show(before, controls, after);
}

const deadline = (expiresAt: string): string => `Good until ${new Date(expiresAt).toLocaleTimeString()}.`;

/** Typed in full, by hand: Enter does nothing here. */
function confirmation(why: string, text: string, sign: HTMLButtonElement): HTMLElement[] {
  const label = mount(el('label', el('span', why, 'Type ', el('code', ...shown(text)), ' to go on')));
  const input = document.createElement('input');
  Object.assign(input, { autocomplete: 'off', autocapitalize: 'off', spellcheck: false });
  sign.disabled = true;
  input.addEventListener('input', () => {
    sign.disabled = input.value !== text;
  });
  label.append(input);
  return [label];
}

function keyChoice(offer: Offer, opened: Opened, { line, again }: Omit<Around, 'sign'>): HTMLElement[] {
  const challenge = [...opened.challenge];
  const named = ({ label, class: kind }: Offer['keys'][number]): string => `${visible(label)} (${keyClassWords(kind)})`;
  const [only, ...others] = offer.keys;
  if (only !== undefined && others.length === 0) return [mount(el('p.small', `With ${named(only)}.`))];
  const label = mount(el('label', 'With which key'));
  const select = document.createElement('select');
  for (const key of offer.keys) select.add(new Option(named(key), key.id, false, key.id === offer.keyId));
  // Another key is another statement: it is shown anew.
  select.addEventListener('change', async () => {
    const answer = await post<Offer>('/api/rekey', { draft: offer.draft, keyId: select.value, challenge });
    if (answer.ok) return showOffer(answer.value, again);
    select.value = offer.keyId;
    line.textContent = answer.text;
  });
  label.append(select);
  return [label];
}

type Around = { readonly sign: HTMLButtonElement; readonly line: HTMLElement; readonly again: () => Promise<void> };

async function submit(offer: Offer, opened: Opened, { sign, line, again }: Around): Promise<void> {
  sign.disabled = true;
  line.textContent = '';
  const answer = await signed(offer, opened);
  if (answer.ok) return showDone(answer.value, offer);
  line.textContent = answer.text;
  sign.disabled = false;
  if (answer.code === 'draft_stale') sign.replaceWith(button('primary', 'Review again', again));
  if (answer.code === 'already_decided') sign.replaceWith(backLink(offer.back));
}

const UNKNOWN =
  'Countersign does not answer, and may have done it. Look in the console before you sign again; secrets that it made are shown no more.';

async function signed(offer: Offer, { challenge }: Opened): Promise<Answer<Signed>> {
  const key = offer.keys.find(({ id }) => id === offer.keyId);
  const assertion = await askKey(challenge, offer.rpId, key?.credentialId ?? '');
  return assertion.ok
    ? post<Signed>('/api/sign', { draft: offer.draft, assertion: assertion.value }, UNKNOWN)
    : assertion;
}
