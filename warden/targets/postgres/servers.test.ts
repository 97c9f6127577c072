import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { freePorts } from '#scripts/installation';
import { startCluster } from '#scripts/postgres';
import { reapAfterDeath } from '#scripts/reaper';
import { bookingCompany, connect } from '#testing/database';

/*
 * Servers of another kind than the run's: an old one, and one that allows
 * prepared transactions.
 */

const dir = mkdtempSync(join(tmpdir(), 'countersign-servers-'));
const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
  rmSync(dir, { recursive: true, force: true });
});

describe('a prepared transaction of the grantee', () => {
  test('is rolled back with the end, wherever it was parked (T43)', async () => {
    const options = {
      dataDir: join(dir, 'two-phase'),
      port: await freePorts(1),
      password: 'admin',
      logFile: join(dir, 'log'),
      throwaway: true,
    };
    const first = await startCluster(options);
    const admin = await connect(first.adminUrl());
    await admin.query('ALTER SYSTEM SET max_prepared_transactions = 5');
    await admin.end();
    await first.stop();
    const cluster = await startCluster(options);
    const fixture = await bookingCompany(cluster.adminUrl());
    cleanups.push(
      () => fixture.close(),
      () => cluster.stop(),
    );
    const { prepared } = await fixture.grant(['table/public.bookings'], ['select', 'update']);
    const held = await fixture.login(prepared);
    await held.query(`BEGIN; UPDATE bookings SET nights = 99; PREPARE TRANSACTION 'it''s parked'`);
    const abroad = await fixture.login(prepared, 'postgres');
    await abroad.query(`BEGIN; SELECT lo_create(0); PREPARE TRANSACTION 'abroad'`);
    const again = await fixture.login(prepared);
    await again.query(`BEGIN; ALTER ROLE "${prepared.reference}" PASSWORD 'mine'; PREPARE TRANSACTION 'own row'`);
    expect((await fixture.target.probe(prepared)).lines.join()).toContain('still holds a prepared transaction');
    await fixture.target.end(prepared.reference);
    expect((await fixture.target.probe(prepared)).dead).toBe(true);
    expect((await fixture.admin.query('SELECT FROM pg_prepared_xacts')).rowCount).toBe(0);
    expect((await fixture.admin.query('SELECT FROM bookings WHERE nights = 99')).rowCount).toBe(0);
  });
});

const OLD = '/usr/lib/postgresql/15/bin';
const haveOld = existsSync(join(OLD, 'postgres'));

describe.skipIf(!haveOld)('PostgreSQL 15 (skipped where Debian’s postgresql-15 is not installed)', () => {
  test('is refused as a target: before 16 no broker is safe (T39)', async () => {
    const url = await startOld();
    const admin = await connect(url);
    await admin.query(`CREATE ROLE broker LOGIN CREATEROLE PASSWORD 'b'`);
    const fixture = await bookingCompany(url);
    cleanups.unshift(() => fixture.close());
    const { dangers, version } = await fixture.target.inspect();
    expect(version).toMatch(/^PostgreSQL 15\./);
    expect(dangers[0]?.text).toMatch(/cannot have a safe broker/);
    expect(dangers.map((danger) => danger.mend).join('\n')).toMatch(
      /Upgrade the server to PostgreSQL 16[\s\S]*NOCREATEROLE/,
    );
    await expect(fixture.grant(['table/public.bookings'], ['select'])).rejects.toMatchObject({
      code: 'target_refused',
    });
    await admin.end();
  });
});

async function startOld(): Promise<string> {
  const asRoot = process.getuid?.() === 0;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const owner = asRoot ? { uid: id('-u'), gid: id('-g') } : {};
  const data = mkdtempSync(join(tmpdir(), 'countersign-old-'));
  if (asRoot) execFileSync('chown', ['postgres', data]);
  execFileSync(join(OLD, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
    ...owner,
    cwd: '/',
    stdio: 'ignore',
  });
  const port = await freePorts(1);
  const server: ChildProcess = spawn(
    join(OLD, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories='],
    { ...owner, cwd: '/', stdio: 'ignore' },
  );
  const ended = reapAfterDeath({ server: server.pid ?? 0 });
  cleanups.push(async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await gone;
    ended();
    rmSync(data, { recursive: true, force: true });
  });
  const url = `postgresql://postgres:x@127.0.0.1:${port}/postgres`;
  for (let tries = 0; tries < 200; tries += 1) {
    const client = await connect(url).catch(() => null);
    if (client !== null) {
      await client.end();
      return url;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('PostgreSQL 15 did not start.');
}
