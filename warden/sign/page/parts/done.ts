import type { Offer } from '../../signing/draft';
import type { Signed } from '../../signing/sign';
import { alertLine, button, show } from './dom';
import { el, type Tree } from './tree';

/* What the page says when it is done, and the secrets that were made for it: the one time they are seen. */

const DONE: Readonly<Record<Signed['done'], string>> = {
  'request.approve': 'Approved. The agent can collect now.',
  'human.admit': 'They are in.',
  'human.role': 'The role is changed.',
  'human.disable': 'They are disabled.',
  'key.enroll': 'The key is enrolled.',
  'key.disable': 'The key is disabled.',
  'keys.accept': 'It is decided, and counts at once.',
  'target.add': 'The target is added.',
  'agent.register': 'The agent is registered.',
  'agent.rotate': 'The agent has new secrets.',
  'agent.change': 'The agent is changed.',
  'agent.enable': 'The agent is on again.',
  'target.renew': 'The target is renewed.',
  'target.disable': 'The target is disabled.',
  'freeze.thaw': 'It is thawed. Agents can ask again; what was approved before has to be approved again.',
  'gateway.replace': 'The new key counts. Now type the providers’ secrets again, under Targets.',
  'rest.allow': 'The agent may read there.',
  'rest.stop': 'The agent no longer reads there.',
};

export function showDone({ done, secrets = {} }: Signed, { back }: Offer): void {
  sessionStorage.removeItem(location.pathname);
  const head = el('section.facts', el('h1', DONE[done]), el('p', 'Your signature is checked and on record.'));
  show(head, ...ofAgent(secrets.agent), ...ofService(secrets.serviceToken), backLink(back, done));
}

function ofAgent(agent: NonNullable<Signed['secrets']>['agent']): (Tree | HTMLElement)[] {
  if (agent === undefined) return [];
  const { token, collect } = agent;
  const lines = [
    `export COUNTERSIGN_TOKEN=${token}`,
    ...(collect === null ? [] : [`export COUNTERSIGN_COLLECT=${collect}`]),
  ];
  const words =
    collect === null
      ? 'Give this to the agent. It asks with it; it collects with a proof by its key.'
      : 'Give these to the agent. With the first it asks, at the console’s address and the gateway’s; with the second it collects, at the warden’s.';
  return once('The agent’s secrets', words, lines.join('\n'));
}

const ofService = (token: string | undefined): (Tree | HTMLElement)[] =>
  token === undefined
    ? []
    : once('The service’s introspection token', 'Give this to the service, and to nobody else.', token);

function once(title: string, words: string, text: string): (Tree | HTMLElement)[] {
  const line = alertLine();
  const copy = button('', 'Copy', async () => {
    await navigator.clipboard.writeText(text).then(
      () => (copy.textContent = 'Copied'),
      () => (line.textContent = 'Your browser does not copy here: select the text above.'),
    );
  });
  const shownOnce = el('p.warn', 'Copy this now: it is not shown again, and kept nowhere but as a hash.');
  return [el('section.once', el('h2', title), el('p', words), shownOnce, el('pre.code', text)), copy, line];
}

export function backLink(href: string, done: Signed['done'] = 'request.approve'): HTMLAnchorElement {
  const link = document.createElement('a');
  const textContent = done === 'request.approve' ? 'Back to the request' : 'Back to the console';
  return Object.assign(link, { className: 'primary', href, textContent });
}
