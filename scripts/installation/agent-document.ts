import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { BuildOptions } from 'esbuild';

const run = promisify(execFile);

/** Beside the warden's bundle, which reads it at its start. */
export const AGENT_DOCUMENT = 'dist/agent-openapi.json';

/** The program that prints the OpenAPI document of the warden's origin for agents: what it is generated from stays out of the warden. */
export const PRINTER = {
  entryPoints: ['scripts/installation/print-agent-document.ts'],
  outfile: `node_modules/.cache/countersign/print-agent-document-${process.pid}.mjs`,
} as const satisfies BuildOptions;

/** Runs the built printer. Returns whether the document is another one than was there. */
export async function writeAgentDocument(): Promise<boolean> {
  const { stdout } = await run(process.execPath, [PRINTER.outfile]);
  if (existsSync(AGENT_DOCUMENT) && readFileSync(AGENT_DOCUMENT, 'utf8') === stdout) return false;
  mkdirSync(dirname(AGENT_DOCUMENT), { recursive: true });
  // Moved into place whole: a warden that starts meanwhile reads all of it.
  const draft = `${AGENT_DOCUMENT}.${process.pid}`;
  writeFileSync(draft, stdout);
  renameSync(draft, AGENT_DOCUMENT);
  return true;
}
