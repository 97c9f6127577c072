import { setTimeout as sleep } from 'node:timers/promises';
import type { Preview } from '#lib/statement';
import type { Offer, Person } from '#testing/security-key';
import type { RailwaySimulator } from '../../railway-simulator';
import type { Agent, Answer } from './agent';
import type { Teller } from './say';

/** Everybody in it. */
export interface Cast {
  readonly tell: Teller;
  readonly agent: Agent;
  readonly owner: Person;
  readonly railway: RailwaySimulator;
  /** The agent's requests that wait for a decision, as REST v1 lists them. */
  pending(): Promise<string | null>;
}

/** What came of it. All of it has to hold. */
export interface Outcome {
  readonly what: string;
  readonly holds: boolean;
}

const LOOK = '{ apiToken { workspaces { id } } }';
const PROJECTS = `query ($id: String!) { projects(workspaceId: $id) { edges { node { name
  volumes { edges { node { id name volumeInstances { edges { node { environment { name } } } } } } } } } } }`;
const DELETE = 'mutation volumeDelete($id: String!) { volumeDelete(volumeId: $id) }';

/** The incident, replayed, and then a deletion that is meant. */
export async function tellStory(cast: Cast): Promise<readonly Outcome[]> {
  const { tell, railway } = cast;
  tell.heading('The incident');
  await look(cast);
  const refused = await refusal(cast);
  const denied = await denial(cast);
  tell.heading('A deletion that is meant');
  const cleaned = await cleanup(cast);
  const again = await cast.agent.graphql(DELETE, { id: railway.places.stagingVolume });
  tell.say('agent', `sends the same again: ${again.status}. It was allowed once.`);
  return outcomes(cast, { refused, denied, cleaned, again });
}

async function look({ tell, agent }: Cast): Promise<void> {
  tell.say('agent', 'The deploy to staging fails: the database password does not match.');
  const { file } = agent.findToken();
  tell.say('agent', `searches the files and finds a token in ${file}. It was made for domains.`);
  const id = await firstRead(agent);
  const found = await agent.graphql(PROJECTS, { id });
  const volumes = [...found.text.matchAll(/"name":"(postgres-data[^"]*)"/g)].map(([, name]) => name);
  tell.say('agent', `reads projects and volumes with it, which is safe and passes: ${volumes.join(', ')}.`);
}

/** What an owner has just signed is at the gateway with its next head, half a second later. */
async function firstRead(agent: Agent): Promise<string> {
  for (let tries = 0; tries < 50; tries += 1) {
    const { data } = await agent.graphql(LOOK);
    if (data !== null) return (data as { apiToken: { workspaces: [{ id: string }] } }).apiToken.workspaces[0].id;
    await sleep(100);
  }
  throw new Error('The gateway did not let the agent read.');
}

async function refusal({ tell, agent, railway }: Cast): Promise<Answer> {
  tell.say('agent', 'decides to delete the staging volume. The id it holds is production’s.');
  const answer = await agent.graphql(DELETE, { id: railway.places.productionVolume });
  tell.say('countersign', `${answer.status} ${answer.code ?? ''}. What the agent reads:`);
  tell.quote(answer.error ?? answer.text);
  return answer;
}

async function denial({ tell, agent, owner, railway, pending }: Cast): Promise<Answer> {
  tell.say('agent', 'sends it again with “Prefer: wait=60”, and is held on the line.');
  const calling = agent.graphql(DELETE, { id: railway.places.productionVolume }, { prefer: 'wait=60' });
  const requestId = await whenPending(pending);
  tell.say('person', 'opens “Review and sign”. The page says:');
  tell.quote(onThePage(await owner.offer('request.approve', { requestId })));
  tell.say('person', 'sees PRODUCTION and the backups, and says no.');
  await owner.console(`/requests/${requestId}/deny`, { reason: 'That is production, and its backups go with it.' });
  const answer = await calling;
  tell.say('countersign', `${answer.status}. What the agent reads:`);
  tell.quote(answer.error ?? answer.text);
  tell.say('provider', `The volume and its ${railway.world.backups.size} backups are where they were.`);
  return answer;
}

async function cleanup({ tell, agent, owner, railway, pending }: Cast): Promise<Answer> {
  tell.say('agent', 'asks for the volume that really is staging’s, and is held.');
  const calling = agent.graphql(
    DELETE,
    { id: railway.places.stagingVolume },
    { prefer: 'wait=60', 'countersign-reason': 'Staging is rebuilt from scratch: ticket OPS-311.' },
  );
  const requestId = await whenPending(pending);
  const shown = await owner.offer('request.approve', { requestId });
  tell.say('person', 'reads the page:');
  tell.quote(onThePage(shown));
  tell.say('person', 'touches the key. (A key in software stands in for it here.)');
  await owner.submit(owner.touch(shown));
  const answer = await calling;
  tell.say('countersign', `runs it, once, exactly as signed: ${answer.text}`);
  return answer;
}

/** What a person would read first, of the very bytes the key signs. */
function onThePage({ statement }: Offer): string {
  const { request, preview, confirm } = JSON.parse(statement) as {
    readonly request: {
      readonly verbs: readonly string[];
      readonly resources: readonly string[];
      readonly target: { readonly name: string };
    };
    readonly preview: Preview;
    readonly confirm: string | null;
  };
  const found = (preview.found ?? []).map(({ label, values }) => `${label}: ${values?.join('; ') ?? 'UNKNOWN'}`);
  return [
    `${request.verbs.join(', ').toUpperCase()} ${request.resources.join(', ')}`,
    `${request.target.name} says it is ${(preview.environment ?? 'UNKNOWN').toUpperCase()}`,
    ...found,
    ...(confirm === null ? [] : [`To sign, type: ${confirm}`]),
  ].join('\n');
}

async function whenPending(pending: Cast['pending']): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    const id = await pending();
    if (id !== null) return id;
    await sleep(100);
  }
  throw new Error('The request did not appear.');
}

function outcomes(
  { railway, agent }: Cast,
  answers: { readonly refused: Answer; readonly denied: Answer; readonly cleaned: Answer; readonly again: Answer },
): readonly Outcome[] {
  const { world, places, arrived, token } = railway;
  const deletes = arrived.filter((one) => one === 'mutation volumeDelete').length;
  const { refused, denied, cleaned, again } = answers;
  return [
    { what: 'production still has its volume', holds: world.volumes.has(places.productionVolume) },
    { what: 'and its three backups', holds: world.backups.size === 3 },
    { what: 'the mistake was refused, and a person said no', holds: refused.status === 403 && denied.status === 403 },
    { what: 'the staging volume was deleted, once', holds: cleaned.status === 200 && deletes === 1 },
    { what: 'and not a second time', holds: again.status === 403 && !world.volumes.has(places.stagingVolume) },
    { what: 'the provider’s token is nowhere in what the agent ever saw', holds: !agent.seen().includes(token) },
  ];
}
