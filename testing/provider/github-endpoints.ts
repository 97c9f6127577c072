import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { classifyHttp } from '#gateway/classify';
import { httpProfile, type OperationClass } from '#lib/profiles';

/** As GitHub's own OpenAPI description has it. */
interface GithubEndpoint {
  readonly method: string;
  readonly path: string;
  /** `repos/get-webhook` */
  readonly id: string;
}

function githubEndpoints(): readonly GithubEndpoint[] {
  const text = readFileSync(createRequire(import.meta.url).resolve('@octokit/openapi-types/types.d.ts'), 'utf8');
  const paths = text.slice(text.indexOf('interface paths {'), text.indexOf('\ninterface webhooks'));
  const found: GithubEndpoint[] = [];
  let path = '';
  for (const line of paths.split('\n')) {
    path = /^ {2}"(\/[^"]*)": \{$/.exec(line)?.[1] ?? path;
    const [, method, id] = /^ {4}(get|head|post|put|patch|delete): operations\["(.+)"\];$/.exec(line) ?? [];
    if (method !== undefined && id !== undefined) found.push({ method: method.toUpperCase(), path, id });
  }
  return found;
}

/** What may stand for a name in a path; the first is the ordinary one. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  basehead: ['main...next'],
  branch: ['main', 'feature/x', 'ada/feature/x'],
  ref: ['heads/main', 'heads/feature/x', 'heads/ada/feature/x', 'tags/v1', 'tags/@acme/site@1', 'notes/commits'],
  path: [
    'src/index.ts',
    ...['.github/workflows/ci.yml', '.devcontainer/setup.sh', '.devcontainer.json', 'CODEOWNERS', 'docs/CODEOWNERS'],
    ...['', 'a/', 'a/b/', 'a/b/c/'].flatMap((folder) => [`${folder}action.yml`, `${folder}action.yaml`]),
  ],
  security_product: ['secret_scanning'],
};

/** A path as it is asked for, in every way that matters. */
function askedPaths(path: string): readonly string[] {
  const [whole, name] = /\{([^}]+)\}/.exec(path) ?? [];
  if (whole === undefined || name === undefined) return [path];
  return (EXAMPLES[name] ?? [`${name.replaceAll('_', '-')}-1`]).flatMap((value) =>
    askedPaths(path.replace(whole, value)),
  );
}

const classify = (method: string, target: string) =>
  classifyHttp({
    profile: httpProfile('github-rest'),
    opens: [],
    closes: [],
    call: { method, target, headers: new Map() },
  });

/** The first act of a call, which must have one. */
export function classified(
  method: string,
  target: string,
): { readonly level: OperationClass; readonly operation: string } {
  const [act] = classify(method, target).acts;
  if (act === undefined) throw new Error('nothing was classified');
  return { level: act.class, operation: act.operation };
}

/** Each published endpoint, with what a call of it would do in every way that it can be asked for. */
export const GITHUB_ENDPOINTS = githubEndpoints().map((endpoint) => {
  const [plain = ''] = askedPaths(endpoint.path);
  const [first = '', ...others] = askedPaths(endpoint.path).map((target) => classified(endpoint.method, target));
  if (first === '') throw new Error('no way to ask');
  return {
    ...endpoint,
    name: `${endpoint.method} ${endpoint.path}`,
    first,
    all: [first, ...others],
    resolver: classify(endpoint.method, plain).resolver,
  };
});
