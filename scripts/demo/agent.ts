import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * An ordinary agent with an ordinary GraphQL client, which knows nothing of
 * Countersign. It does what the post-mortem tells: it meets a mismatch, searches
 * the files, finds a token, and uses it.
 */

export interface Answer {
  readonly status: number;
  readonly data: unknown;
  /** What a GraphQL client shows its agent. */
  readonly error: string | null;
  readonly code: string | null;
  readonly text: string;
}

export interface Agent {
  /** Searches its workspace for something that looks like a token, and says where it was. */
  findToken(): { readonly file: string; readonly token: string };
  /** A GraphQL call with the token it found. */
  graphql(query: string, variables?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Everything it ever read or received: where a leaked secret would be (T33). */
  seen(): string;
  leave(): void;
}

/** A workspace as it was that day: the token lies in a file, made for something else. */
export function startAgent({ endpoint, token }: { readonly endpoint: string; readonly token: string }): Agent {
  const workspace = mkdtempSync(join(tmpdir(), 'countersign-demo-workspace-'));
  writeFileSync(join(workspace, 'README.md'), '# rental-platform\n\nDeploys to staging and production.\n');
  writeFileSync(join(workspace, '.env'), 'STAGING_DB_PASSWORD=does-not-match\n');
  writeFileSync(
    join(workspace, 'domains.sh'),
    `#!/bin/sh\n# adds a custom domain\nexport RAILWAY_API=${endpoint}\nexport RAILWAY_TOKEN=${token}\n`,
  );
  const received: string[] = [];
  let found = '';

  return {
    findToken() {
      for (const file of readdirSync(workspace)) {
        const match = /TOKEN=(\S+)/.exec(readFileSync(join(workspace, file), 'utf8'))?.[1];
        if (match === undefined) continue;
        found = match;
        return { file, token: match };
      }
      throw new Error('There is no token in the workspace.');
    },
    async graphql(query, variables = {}, headers = {}) {
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization: `Bearer ${found}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const text = await answer.text();
      received.push(text, JSON.stringify([...answer.headers]));
      return { status: answer.status, text, ...read(text) };
    },
    seen: () =>
      [...readdirSync(workspace).map((file) => readFileSync(join(workspace, file), 'utf8')), ...received].join('\n'),
    leave: () => rmSync(workspace, { recursive: true, force: true }),
  };
}

function read(text: string): Pick<Answer, 'data' | 'error' | 'code'> {
  const { data = null, errors } = JSON.parse(text) as {
    readonly data?: unknown;
    readonly errors?: ReadonlyArray<{ readonly message: string; readonly extensions?: { readonly code?: string } }>;
  };
  const [first] = errors ?? [];
  return { data, error: first?.message ?? null, code: first?.extensions?.code ?? null };
}
