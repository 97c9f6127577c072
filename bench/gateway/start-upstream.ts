import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { SDL } from '../../railway-simulator';
import { node, type Running } from './processes';

/** The upstream in a process of its own: fixed answers, over the simulated Railway's schema. */
export async function startUpstream(port: number): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-upstream-'));
  const file = join(dir, 'schema.json');
  writeFileSync(file, JSON.stringify({ data: introspectionFromSchema(buildSchema(SDL), { descriptions: false }) }));
  try {
    return await node(['bench/gateway/upstream.mjs', String(port), file]);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
