import type { Offer } from '../signing/draft';
import { keyCode } from './parts/bytes';
import { alertLine, button, mount, show } from './parts/dom';
import { field } from './parts/form';
import { makeKey } from './parts/make-key';
import { showOffer } from './parts/offer';
import { start } from './parts/start';
import { type Answer, linkSecret, post } from './parts/talk';
import { el } from './parts/tree';

/* Registering a key, three times: the first owner's, an invited person's, and a further one of somebody known. */

interface Begun {
  readonly draft: string;
  readonly options: unknown;
}
interface Made {
  readonly class: string;
  readonly publicKey: string;
  readonly back: string;
}
interface Invited extends Begun {
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

const refused = (text: string): void =>
  show(el('section.facts', el('h1', 'This link does not work'), el('p.alert', text)));

const labelField = () => field({ label: 'Name of this key', hint: 'To know it by later.', value: 'My key' });

/** Asks for a challenge, makes the key, hands it in. */
async function register<T>(paths: string, body: object, ask: object, label: string): Promise<Answer<T>> {
  const begun = await post<Begun>(`/api/${paths}/begin`, { ...body, ...ask });
  if (!begun.ok) return begun;
  const made = await makeKey(begun.value.options);
  if (!made.ok) return made;
  return post<T>(`/api/${paths}/finish`, { ...body, draft: begun.value.draft, registration: made.value, label });
}

/** The form's end: a button that tries until it works, and says what did not. */
function submit<T>(label: string, act: () => Promise<Answer<T>>, then: (value: T) => Promise<void>): HTMLElement[] {
  const line = alertLine();
  const go = button('primary', label, async () => {
    go.disabled = true;
    line.textContent = '';
    const answer = await act();
    if (answer.ok) return then(answer.value);
    line.textContent = answer.text;
    go.disabled = false;
  });
  return [go, line];
}

const controls = (...elements: readonly HTMLElement[]): HTMLElement => {
  const section = mount(el('section.controls'));
  section.append(...elements);
  return section;
};

function link(href: string, text: string): HTMLElement {
  const element = document.createElement('a');
  Object.assign(element, { className: 'primary', href, textContent: text });
  return element;
}

function setup(code: string): void {
  const name = field({ label: 'Your name', autocomplete: 'name' });
  const email = field({ label: 'Your e-mail', type: 'email', autocomplete: 'email' });
  const label = labelField();
  const intro = el(
    'section.facts',
    el('h1', 'Your key opens everything here'),
    el(
      'p',
      'You become the first owner. Everyone and everything that comes later is signed for by a key, back to this one.',
    ),
  );
  const act = () =>
    register<Made>('setup', { code }, { name: name.input.value, email: email.input.value }, label.input.value);
  show(intro, controls(name.element, email.element, label.element, ...submit('Register your key', act, setUp)));
}

const CLASS_WORDS: Readonly<Record<string, string>> = {
  synced: 'Synced passkey: fine for trying. Production targets will refuse it until you enrol a hardware key.',
  hardware: 'Hardware key: it cannot be copied, and may approve everything.',
};

async function setUp({ class: kind, back }: Made): Promise<void> {
  sessionStorage.clear();
  show(
    el(
      'section.facts',
      el('h1', 'Countersign is yours'),
      el(kind === 'synced' ? 'p.warn' : 'p', CLASS_WORDS[kind] ?? kind),
    ),
    link(back, 'Sign in to the console'),
  );
}

async function invite(code: string): Promise<void> {
  const invited = await post<Invited>('/api/invite/begin', { code });
  if (!invited.ok) return refused(invited.text);
  const { name, role, email } = invited.value;
  const label = labelField();
  const intro = el(
    'section.facts',
    el('h1', `${name}, you are invited as ${role}`),
    el('p', `Register a key of your own for ${email}. It never leaves you; nobody gets a copy.`),
  );
  show(
    intro,
    controls(
      label.element,
      ...submit('Register your key', () => register<Made>('invite', { code }, {}, label.input.value), waiting),
    ),
  );
}

async function waiting({ class: kind, publicKey }: Made): Promise<void> {
  sessionStorage.clear();
  show(
    el(
      'section.facts',
      el('h1', 'An owner must confirm your key'),
      el('p', 'Tell them this code, by phone or in person. Their screen must show the same one.'),
      el('p.code', await keyCode(publicKey)),
      el(kind === 'synced' ? 'p.warn' : 'p', CLASS_WORDS[kind] ?? kind),
    ),
  );
}

async function enroll(ticket: string): Promise<void> {
  const shown = await post<{ kind: string; name: string }>('/api/ticket', { ticket });
  if (!shown.ok) return refused(shown.text);
  const label = labelField();
  const intro = el(
    'section.facts',
    el('h1', 'Add a key'),
    el('p', `First touch the new key. Then ${shown.value.name} signs for it with a key that is known already.`),
  );
  const again = () => enroll(ticket);
  show(
    intro,
    controls(
      label.element,
      ...submit(
        'Register the new key',
        () => register<Offer>('enroll', { ticket }, {}, label.input.value),
        (offer) => showOffer(offer, again),
      ),
    ),
  );
}

async function open(): Promise<void> {
  const secret = linkSecret();
  if (secret === null) return refused('Open the link exactly as it was given to you.');
  if (location.pathname === '/invite') return invite(secret);
  if (location.pathname === '/enroll') return enroll(secret);
  setup(secret);
}

start(open);
