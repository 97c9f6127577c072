import { button, mount, show } from './dom';
import { field } from './form';
import { makeKey } from './make-key';
import { type Answer, post } from './talk';
import { el } from './tree';

/* Who lost every key: a code, a new key, two days, and the code again. */

interface Begun {
  readonly name: string;
  readonly draft?: string;
  readonly options?: unknown;
  readonly readyAt?: string;
  readonly ready?: boolean;
}

/** A form's end: a button that tries until it works, and says what did not. */
type Submit = <T>(label: string, act: () => Promise<Answer<T>>, then: (value: T) => Promise<void>) => HTMLElement[];

function controls(...elements: readonly HTMLElement[]): HTMLElement {
  const section = mount(el('section.controls'));
  section.append(...elements);
  return section;
}

const toConsole = (href: string): HTMLElement =>
  Object.assign(document.createElement('a'), { className: 'primary', href, textContent: 'Back to the console' });

/** Asks for the code. The key that is made is handed in with it. */
export function recover(submit: Submit): void {
  const code = field({ label: 'Recovery code', hint: 'Shown once, when this installation was set up.' });
  const label = field({ label: 'Name of the new key', hint: 'To know it by later.', value: 'My key' });
  const act = async (): Promise<Answer<Begun>> => {
    const typed = { code: code.input.value };
    const begun = await post<Begun>('/api/recover/begin', typed);
    if (!begun.ok || begun.value.draft === undefined) return begun;
    const made = await makeKey(begun.value.options);
    if (!made.ok) return made;
    const { draft } = begun.value;
    return post<Begun>('/api/recover/finish', { ...typed, draft, registration: made.value, label: label.input.value });
  };
  const intro = el(
    'section.facts',
    el('h1', 'You lost every key'),
    el(
      'p',
      'With the recovery code you register a new one. It counts two days later, when you type the code again here.',
    ),
    el('p', 'Everybody who looks at the console is told now, and an owner who still has a session can stop it.'),
  );
  const then = async (begun: Begun): Promise<void> => stand(begun, code.input.value, submit);
  show(intro, controls(code.element, label.element, ...submit('Go on', act, then)));
}

/** A key that was asked for: when it can count, and the way to let it. */
function stand({ name, readyAt = '', ready = false }: Begun, code: string, submit: Submit): void {
  const when = new Date(readyAt).toLocaleString();
  if (!ready) {
    const lines = [el('h1', `The new key of ${name} waits`), el('p', `Come back with the code on ${when} or later.`)];
    show(el('section.facts', ...lines));
    return;
  }
  const complete = () => post<{ back: string }>('/api/recover/complete', { code });
  const done = async ({ back }: { back: string }): Promise<void> =>
    show(
      el('section.facts', el('h1', 'The new key counts'), el('p', 'The recovery code is used up.')),
      toConsole(back),
    );
  show(
    el('section.facts', el('h1', `The new key of ${name} may count now`)),
    controls(...submit('Let it count', complete, done)),
  );
}

/** Saying no needs no key. */
export function stop(ticket: string): void {
  const line = mount(el('p.alert'));
  const go = button('primary', 'Stop that key', async () => {
    const answer = await post<{ back: string }>('/api/recover/stop', { ticket });
    if (!answer.ok) {
      line.textContent = answer.text;
      return;
    }
    sessionStorage.clear();
    show(el('section.facts', el('h1', 'Stopped: that key never counts')), toConsole(answer.value.back));
  });
  show(
    el(
      'section.facts',
      el('h1', 'Stop the key that waits on the recovery code'),
      el('p', 'It never counts. Whoever has the code can begin again, with two days and an alarm each time.'),
    ),
    controls(go, line),
  );
}
