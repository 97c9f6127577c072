import { keyClassWords, visible } from '#lib/text';
import type { Offer } from '../signing/draft';
import { keyCode } from './parts/bytes';
import { alertLine, button, mount, show } from './parts/dom';
import { field } from './parts/form';
import { makeKey } from './parts/make-key';
import { showOffer } from './parts/offer';
import { recover, stop } from './parts/recover';
import { start } from './parts/start';
import { type Answer, linkSecret, post } from './parts/talk';
import { el, type Tree } from './parts/tree';

/* Registering a key, three times: the first owner's, an invited person's, and a further one of somebody known. */

interface Begun {
  readonly draft: string;
  readonly options: unknown;
}
interface Made {
  readonly class: string;
  readonly metadata: string;
  readonly model: string | null;
  readonly unproven: string | null;
  readonly publicKey: string;
  readonly acceptsClaimed: boolean | null;
  readonly recoveryCode: string | null;
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

/** Hands a registration in; `more` is what the person said about it. */
type HandIn<T> = (more?: object) => Promise<Answer<T>>;

/** Asks for a challenge and makes the key. What comes back hands it in, and can do so again: the key is touched once. */
async function registered<T>(paths: string, body: object, ask: object, label: string): Promise<Answer<HandIn<T>>> {
  const begun = await post<Begun>(`/api/${paths}/begin`, { ...body, ...ask });
  if (!begun.ok) return begun;
  const made = await makeKey(begun.value.options);
  if (!made.ok) return made;
  const handed = { ...body, draft: begun.value.draft, registration: made.value, label };
  return { ok: true, value: (more = {}) => post<T>(`/api/${paths}/finish`, { ...handed, ...more }) };
}

async function register<T>(...what: Parameters<typeof registered>): Promise<Answer<T>> {
  const made = await registered<T>(...what);
  return made.ok ? made.value() : made;
}

/** The form's end: a button that tries until it works, and says what did not. */
function submit<T>(
  label: string,
  act: () => Promise<Answer<T>>,
  then: (value: T) => Promise<void>,
  look = 'primary',
): HTMLElement[] {
  const line = alertLine();
  const go = button(look, label, async () => {
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
  const act = async (): Promise<Answer<() => Promise<void>>> => {
    const who = { name: name.input.value, email: email.input.value };
    const made = await registered<Made>('setup', { code }, who, label.input.value);
    if (!made.ok) return made;
    const answer = await made.value();
    if (answer.ok) return { ok: true, value: () => setUp(answer.value) };
    if (answer.code !== 'precondition_required') return answer;
    return { ok: true, value: async () => decide(made.value) };
  };
  const next = (then: () => Promise<void>): Promise<void> => then();
  show(intro, controls(name.element, email.element, label.element, ...submit('Register your key', act, next)));
}

/** Asked once, and only where the founder's key is not proven. The answer stands in the first entry of the chain. */
function decide(handIn: HandIn<Made>): void {
  const answer = (label: string, acceptsClaimed: boolean, look: string): HTMLElement[] =>
    submit(label, () => handIn({ acceptsClaimed }), setUp, look);
  show(
    el(
      'section.facts',
      el('h1', 'Nobody proved that your key is hardware'),
      el('p', 'It says so itself. Software can say the same, and software can be copied.'),
      el(
        'p',
        'May such keys sign for production here? With no, production waits for a key whose maker proves it, and everything else works. An owner can change this later with a key.',
      ),
    ),
    controls(
      ...answer('No, only proven keys', false, 'primary'),
      ...answer('Yes, accept such keys for production', true, 'plain'),
    ),
  );
}

/** What the new key is, and what it may do in production. */
function keyWords({ class: kind, metadata, model, unproven, acceptsClaimed }: Made): Tree[] {
  const may = kind === 'attested' || (kind === 'claimed' && acceptsClaimed === true);
  const effect = may ? 'It may sign for production.' : 'It may not sign for production.';
  const calls = kind === 'attested' ? '' : 'calls itself ';
  const named = model === null ? '' : `${calls}${visible(model)}, `;
  const why = unproven === null || kind === 'synced' ? '' : ` ${unproven}`;
  return [
    el('p', `Your key: ${named}${keyClassWords(kind)}.${why}`),
    el(may ? 'p' : 'p.warn', effect),
    el('p.small', metadata),
  ];
}

/** Shown this once: the page keeps nothing of it. */
const recoveryWords = ({ recoveryCode }: Made): Tree[] =>
  recoveryCode === null
    ? []
    : [
        el('h2', 'Your recovery code'),
        el('p.code', recoveryCode),
        el(
          'p.small',
          'Write it down and keep it apart from your key: it lets you in again when every key is lost, two days after it is used. It is shown this once.',
        ),
      ];

async function setUp(made: Made): Promise<void> {
  sessionStorage.clear();
  show(
    el('section.facts', el('h1', 'Countersign is yours'), ...keyWords(made), ...recoveryWords(made)),
    link(made.back, 'Sign in to the console'),
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

async function waiting(made: Made): Promise<void> {
  sessionStorage.clear();
  show(
    el(
      'section.facts',
      el('h1', 'An owner must confirm your key'),
      el('p', 'Tell them this code, by phone or in person. Their screen must show the same one.'),
      el('p.code', await keyCode(made.publicKey)),
      ...keyWords(made),
    ),
  );
}

async function enroll(ticket: string): Promise<void> {
  const shown = await post<{ kind: string; name: string; whose: string }>('/api/ticket', { ticket });
  if (!shown.ok) return refused(shown.text);
  const label = labelField();
  const intro = el(
    'section.facts',
    el('h1', `Add a key for ${shown.value.whose}`),
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
  if (location.pathname === '/recover') return secret === null ? recover(submit) : stop(secret);
  if (secret === null) return refused('Open the link exactly as it was given to you.');
  if (location.pathname === '/invite') return invite(secret);
  if (location.pathname === '/enroll') return enroll(secret);
  setup(secret);
}

start(open);
