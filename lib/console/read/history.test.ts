import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db, listen, Prisma } from '#lib/db';
import type { EventFilter, EventView, Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { agent, person, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { historyQuery, readFilterChoices, readHistory } from './history';
import { AUDIT_KINDS, sentenceOf } from './sentences';

const EVENTS = 100_000;
let db: Db;
let adaId: string;
let botId: string;
const viewer: Viewer = {
  id: 'hum_x',
  name: 'Rae',
  email: 'r@example.com',
  role: 'reviewer',
  sessionId: 'ses_x',
  method: 'key',
  bestKey: null,
};

beforeAll(async () => {
  const database = await freshDatabase();
  db = connect(database.webUrl);
  const env = webEnvOf(database.webUrl);
  provideWeb({ db, listener: listen(database.webUrl), env });
  const owner = connect(database.ownerUrl);
  adaId = (await person(owner, { name: 'Ada' })).id;
  botId = (await agent(owner, adaId, { name: 'deploy-bot' })).id;
  await owner.$executeRaw`
    INSERT INTO audit_events (id, kind, at, actor, agent_id, human_id, request_id, body)
    SELECT 'evt_' || n, CASE n % 4 WHEN 0 THEN 'request.filed' WHEN 1 THEN 'request.approved' WHEN 2 THEN 'grant.collected' ELSE 'grant.ended' END,
      timestamptz '2026-01-01' + n * interval '1 minute', CASE WHEN n % 100 IN (0, 1) THEN ${adaId} ELSE 'agt_' || n % 50 END, CASE WHEN n % 1000 = 0 THEN ${botId} ELSE 'agt_' || n % 50 END,
      CASE WHEN n % 100 = 0 THEN ${adaId} END, 'req_' || n / 5, '{"data":{}}'
    FROM generate_series(1, ${EVENTS}::int) n`;
  await owner.$executeRaw`ANALYZE audit_events`;
}, 120_000);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}

async function planOf(filter: EventFilter, before: bigint | null): Promise<PlanNode[]> {
  const rows = await db.$queryRaw<Array<{ 'QUERY PLAN': ReadonlyArray<{ Plan: PlanNode }> }>>(
    Prisma.sql`EXPLAIN (FORMAT JSON) ${historyQuery(filter, before, 51)}`,
  );
  const nodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
  return rows[0]?.['QUERY PLAN'].flatMap(({ Plan }) => nodes(Plan)) ?? [];
}

describe('history', () => {
  it.each<[string, () => EventFilter, bigint | null]>([
    ['the first page', () => ({}), null],
    ['a page in the middle', () => ({}), 50_000n],
    ['the last page', () => ({}), 40n],
    ['one agent', () => ({ agentId: botId }), 90_000n],
    ['one request', () => ({ requestId: 'req_77' }), null],
    ['one kind', () => ({ kind: 'grant.ended' }), 50_000n],
  ])(
    'reads %s of 100,000 events from an index, in order, without sorting or scanning the table',
    async (_what, filter, before) => {
      const nodes = (await planOf(filter(), before)).map((node) => node['Node Type']);
      expect(nodes).toEqual(['Limit', 'Index Scan']);
    },
  );

  it('reads one person from two indexes and never scans the table', async () => {
    const nodes = (await planOf({ humanId: adaId }, 90_000n)).map((node) => node['Node Type']);
    expect(nodes.filter((type) => type === 'Index Scan' || type === 'Bitmap Index Scan')).toHaveLength(2);
    expect(nodes).not.toContain('Seq Scan');
  });

  it('shows of a person what they did and what was done to them, each once', async () => {
    const { items } = await readHistory(viewer, { humanId: adaId });
    expect(items.map(({ seq }) => Number(seq) % 100)).toEqual(items.map((_item, index) => (index % 2 === 0 ? 0 : 1)));
  });

  it('walks every event of an agent exactly once, newest first', async () => {
    const seen: EventView[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof readHistory>> = await readHistory(viewer, { agentId: botId }, cursor);
      seen.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toHaveLength(EVENTS / 1000);
    const order = seen.map(({ seq }) => Number(seq));
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect(new Set(order).size).toBe(order.length);
  });

  it('filters by noun, whole kind and time', async () => {
    const kinds = async (filter: EventFilter) =>
      new Set((await readHistory(viewer, filter)).items.map(({ kind }) => kind));
    expect(await kinds({ kind: 'request' })).toEqual(new Set(['request.filed', 'request.approved']));
    expect(await kinds({ kind: 'grant.ended' })).toEqual(new Set(['grant.ended']));
    expect(await kinds({ kind: 'nonsense' })).toEqual(new Set());
    const day = (await readHistory(viewer, { from: '2026-01-02', to: '2026-01-02T00:10:00Z' })).items;
    expect(day).toHaveLength(10);
    expect((await readHistory(viewer, { from: 'yesterday' })).items).toHaveLength(50);
  });

  it('refuses a cursor it never handed out', async () => {
    for (const cursor of ['x', '-1', 'MTsgRFJPUA', "1' OR 1=1"]) {
      await expect(readHistory(viewer, {}, cursor)).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  it('names people and agents and says what happened in one sentence', async () => {
    const [event] = (await readHistory(viewer, { agentId: botId, humanId: adaId })).items;
    expect(event).toMatchObject({ actor: { name: 'Ada' }, agent: { name: 'deploy-bot' }, human: { name: 'Ada' } });
    expect(event?.sentence).toBe('Ada asked again for deploy-bot: a target');
  });

  it('names the process that looked something up or ran it: a taken gateway lies about providers alone', () => {
    const told = { actor: 'warden', agent: 'bot', human: '', target: 'railway' };
    const said = (kind: string, data: Parameters<typeof sentenceOf>[1]['data']) => sentenceOf(kind, { ...told, data });
    expect(said('request.prepared', { by: 'warden' })).toBe('The warden looked up what the request of bot would do');
    expect(said('request.prepared', { by: 'gateway' })).toMatch(/^The gateway looked up at railway/);
    expect(said('request.prepared', { by: 'nobody' })).toMatch(/^UNKNOWN what .* within a minute$/);
    expect(said('grant.executed', { rowCount: 1 })).toBe('The warden ran the approved operation of bot on railway');
    expect(said('grant.executed', { status: 200 })).toMatch(/^The gateway says it ran .* was answered 200$/);
  });

  it('tells an agent’s own renewal from what a person signed, whatever people and agents are called', () => {
    const alike = { actor: 'bot', agent: 'bot', human: 'bot', target: 't' };
    expect(sentenceOf('agent.token_rotated', { ...alike, data: {} })).toBe('bot took another token, with its own key');
    expect(sentenceOf('agent.token_rotated', { ...alike, data: { keyId: 'key_1' } })).toBe(
      'bot gave bot other secrets',
    );
  });

  it.each([
    [{ description: 'x' }, 'Ada changed the description of bot'],
    [{ name: 'b', nameBefore: 'a', ownerId: 'hum_1', ownerBefore: 'hum_1' }, 'Ada named a b'],
    [{ name: 'b', nameBefore: 'b', ownerId: 'hum_2', ownerBefore: 'hum_1' }, 'Ada gave bot to another owner'],
    [
      { name: 'b', nameBefore: 'a', ownerId: 'hum_2', ownerBefore: 'hum_1' },
      'Ada gave bot to another owner and named a b',
    ],
  ])('says what was changed of an agent: %j', (data, sentence) => {
    expect(sentenceOf('agent.edited', { actor: 'Ada', agent: 'bot', human: '', target: '', data })).toBe(sentence);
  });

  it('has a sentence for every kind, and shows an unknown one by its name', () => {
    const told = { actor: 'Ada', agent: 'bot', human: 'Bob', target: 'db', data: {} };
    for (const kind of AUDIT_KINDS) expect(sentenceOf(kind, told)).toMatch(/^[A-Za-z].*[^.]$/);
    expect(sentenceOf('future.kind', told)).toBe('Ada: future.kind');
    expect(sentenceOf('constructor', told)).toBe('Ada: constructor');
  });

  it('offers what it can be filtered by', async () => {
    expect(await readFilterChoices()).toMatchObject({ agents: [{ id: botId }], people: [{ id: adaId }], targets: [] });
  });
});
