import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { freshDatabase } from '#testing/database';
import { openHouse } from '#testing/warden';
import { loadRows, refuseFilled, rowsOf } from './database';
import { openFolderPart, sealFolder } from './folder';
import { PARTS, partFile, readManifest, writeManifest } from './manifest';
import { type Line, openPart, sealPart } from './part';

let dir: string;
let key: string;
let recipient: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'backup-'));
  key = await generateIdentity();
  recipient = await identityToRecipient(key);
});
afterAll(() => rmSync(dir, { recursive: true }));

const newFile = (): string => join(mkdtempSync(join(dir, 'file-')), 'part.age');

async function sealed(lines: readonly Line[]): Promise<string> {
  const file = newFile();
  await sealPart(each(lines), recipient, createWriteStream(file));
  return file;
}

async function* each(lines: readonly Line[]): AsyncGenerator<Line> {
  yield* lines;
}

async function read(lines: AsyncIterable<Line>): Promise<Line[]> {
  const all: Line[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

function newFolder(content: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(dir, 'folder-'));
  for (const [name, text] of Object.entries(content)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('A part', () => {
  const lines: Line[] = Array.from({ length: 3_000 }, (_, n) => ({ table: 'events', row: `{"n":${n},"text":"é✓"}` }));

  test('comes out as it went in', async () => {
    expect(await read(openPart(createReadStream(await sealed(lines)), key))).toEqual(lines);
    expect(await read(openPart(createReadStream(await sealed([])), key))).toEqual([]);
  });

  test('is opened by no other key', async () => {
    const opened = read(openPart(createReadStream(await sealed(lines)), await generateIdentity()));
    await expect(opened).rejects.toThrow();
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -40)],
    ['changed', (bytes: Buffer) => bytes.map((byte, at) => (at === bytes.length - 300 ? byte ^ 1 : byte))],
    ['empty', () => Buffer.alloc(0)],
  ])('that is %s is refused', async (_, spoil) => {
    const bytes = spoil(readFileSync(await sealed(lines)));
    await expect(read(openPart(Readable.from([bytes]), key))).rejects.toThrow();
  });
});

describe('A folder', () => {
  const content = { 'pin.json': '{}', 'spent.log': `${'x'.repeat(3_000_000)}\n`, 'empty.log': '' };

  test('comes back with all its files, but for what the process says of its work, and nothing but files', async () => {
    const from = newFolder({
      ...content,
      'warden.log': 'x',
      'warden.log.1': 'x',
      'restored.json': 'x',
      'pin.json.7.new': 'x',
    });
    mkdtempSync(join(from, 'inner-'));
    const file = newFile();
    await sealFolder({ path: from, owner: null }, recipient, file);
    const into = newFolder();
    await openFolderPart({ path: into, owner: null }, key, file);
    expect(Object.fromEntries(readdirSync(into).map((name) => [name, readFileSync(join(into, name), 'utf8')]))).toEqual(
      content,
    );
  });

  test('The pin is read before what is written ahead of it', async () => {
    const file = newFile();
    await sealFolder({ path: newFolder({ 'chain.log': '1', 'pin.json': '2' }), owner: null }, recipient, file);
    const [first] = await read(openPart(createReadStream(file), key));
    expect(first).toMatchObject({ file: 'pin.json' });
  });

  test.each(['../outside', '/etc/countersign', '.hidden', 'a/b', ''])(
    'takes no file named “%s”, and none in place of another',
    async (name) => {
      const file = await sealed([{ file: name, data: '' }]);
      await expect(openFolderPart({ path: newFolder(), owner: null }, key, file)).rejects.toThrow('belongs into no');
      const taken = newFolder({ 'pin.json': 'mine' });
      const over = await sealed([{ file: 'pin.json', data: 'eA==' }]);
      await expect(openFolderPart({ path: taken, owner: null }, key, over)).rejects.toThrow('EEXIST');
      expect(readFileSync(join(taken, 'pin.json'), 'utf8')).toBe('mine');
    },
  );
});

describe('A database', () => {
  test('comes back row by row, with who may do what, and goes on counting', async () => {
    const house = await openHouse();
    const { adminUrl } = house.database;
    await house.close();
    const copy = await freshDatabase();
    const rows = await withClient(adminUrl, (client) => read(rowsOf(client)));
    expect(rows.length).toBeGreaterThan(5);
    await withClient(copy.ownerUrl, (client) => loadRows(client, each(rows)));
    expect(await withClient(copy.adminUrl, (client) => read(rowsOf(client)))).toEqual(rows);
    const facts = (url: string) =>
      withClient(url, async (client) => {
        const { rows: found } = await client.query(
          `SELECT relname, relacl::text, (SELECT array_agg(tgname || tgenabled::text ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid)
           FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
        );
        return found;
      });
    expect(await facts(copy.adminUrl)).toEqual(await facts(adminUrl));
    const next = await withClient(copy.adminUrl, (client) =>
      client.query(
        `SELECT nextval(pg_get_serial_sequence('audit_events', 'seq')) > max(seq) AS later FROM audit_events`,
      ),
    );
    expect(next.rows).toEqual([{ later: true }]);
  });

  test('that holds rows already, or a table that is none of ours, is left as it is', async () => {
    const { ownerUrl, adminUrl } = await freshDatabase();
    const row = JSON.stringify({
      id: 'hum_1',
      name: 'A',
      email: 'a@b',
      role: 'owner',
      state: 'active',
      created_at: new Date(),
    });
    const load = (lines: readonly Line[]) => withClient(ownerUrl, (client) => loadRows(client, each(lines)));
    await expect(
      load([
        { table: 'humans', row },
        { table: 'pg_authid', row: '{}' },
      ]),
    ).rejects.toThrow('into no table');
    await load([{ table: 'humans', row }]);
    await expect(load([{ table: 'humans', row }])).rejects.toThrow('restore into an empty database');
    expect((await withClient(adminUrl, (client) => client.query('SELECT 1 FROM humans'))).rowCount).toBe(1);
    // Asked before any role gets another password; one that is not there yet is empty.
    await expect(refuseFilled(adminUrl)).rejects.toThrow('restore into an empty database');
    await refuseFilled(`${adminUrl}_none`);
  });
});

test('A backup is whole or none', async () => {
  const folder = newFolder();
  await expect(readManifest(folder)).rejects.toThrow('is no backup');
  for (const part of PARTS) writeFileSync(partFile(folder, part), part);
  await writeManifest(folder, { madeAt: new Date().toISOString(), recipient, migrations: ['0001_tables'] });
  expect((await readManifest(folder)).recipient).toBe(recipient);
  writeFileSync(partFile(folder, 'warden'), 'another');
  await expect(readManifest(folder)).rejects.toThrow('is not what was written');
  rmSync(partFile(folder, 'warden'));
  await expect(readManifest(folder)).rejects.toThrow('copy the whole folder');
  writeFileSync(join(folder, 'manifest.json'), '{');
  await expect(readManifest(folder)).rejects.toThrow('another version');
  writeFileSync(join(folder, 'manifest.json'), '{"format":"countersign/backup","version":2}');
  await expect(readManifest(folder)).rejects.toThrow('another version');
});
