import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApiDocument } from '#lib/http/openapi';
import { buildProcess } from '#testing/process';
import { PRINTER } from './agent-document';

let printer: Awaited<ReturnType<typeof buildProcess>>;
beforeAll(async () => {
  printer = await buildProcess(PRINTER.entryPoints[0]);
});
afterAll(() => printer.remove());

test('What the build writes for the warden is the document of its origin for agents, and needs no setting', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [printer.file], { env: { NODE_ENV: 'production' } });
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(openApiDocument('agent', 'http://localhost:3300'))));
});
