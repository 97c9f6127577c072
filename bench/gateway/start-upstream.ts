import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { SDL } from '../../railway-simulator';
import { node, type Running } from './processes';

/** The upstream in a process of its own: fixed answers, over the simulated Railway's schema. */
export function startUpstream(port: number): Promise<Running> {
  const file = join(mkdtempSync(join(tmpdir(), 'countersign-bench-')), 'schema.json');
  writeFileSync(file, JSON.stringify({ data: introspectionFromSchema(buildSchema(SDL), { descriptions: false }) }));
  return node(['bench/gateway/upstream.mjs', String(port), file]);
}
