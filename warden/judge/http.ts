import { refuse } from '#lib/core';
import {
  type Act,
  type HttpProfile,
  type HttpRule,
  isUpstreamResource,
  type OperationClass,
  type Rule,
  UNNAMED,
  worstClass,
} from '#lib/profiles';
import type { HttpOperation } from '#lib/targets';
import { parameterNames, type ReadTarget, readTarget } from './http-path';
import { type Judgement, type OwnersWord, whyNamed, whyUnnamed } from './judgement';

/** An HTTP call's line and heads; its body is not read here. */
export interface HttpCall {
  readonly method: string;
  /** What follows `/t/<target>` in the request line, as it came. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

type Method = HttpOperation['method'];
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies Method[];
const isMethod = (method: string): method is Method => METHODS.includes(method);

/** Heads and parameters by which some servers take another method than the one in the line (T55). */
const OVERRIDE_HEADER = /^x[-_](?:http[-_])?method(?:[-_]override)?$/;
const OVERRIDE_PARAMETER =
  /^(?:_method|x-http-method(?:-override)?|x-method-override|method_override|http_method)(?:\[.*\])?$/;

/** What an HTTP call would do, by method, path and host. Throws `invalid_request` where that can be read two ways (P7). */
export function judgeHttp(input: {
  readonly profile: HttpProfile;
  readonly opens: readonly string[];
  readonly closes: readonly string[];
  readonly call: HttpCall;
}): Judgement {
  const { profile, call } = input;
  const { method } = call;
  if (!isMethod(method)) return refuse('invalid_request', `Use one of ${METHODS.join(', ')}.`);
  const target = readTarget(call.target);
  const found = match(profile.rules, method, target.segments);
  const act = actOf(input, { method, target, found });
  return {
    acts: [act],
    class: worstClass([act.class]),
    name: `${method} ${target.path}`,
    operation: { method, path: target.path + target.query },
    args: found?.captures ?? {},
    resolver: found !== null && Object.hasOwn(profile.resolvers, found.operation) ? found.operation : null,
  };
}

interface Found {
  readonly rule: Rule;
  /** `DELETE /repos/{owner}/{repo}`. */
  readonly operation: string;
  readonly captures: { readonly [name: string]: string };
}

/** The first rule that fits; HEAD is judged as the GET it stands for. */
function match(rules: readonly HttpRule[], method: Method, segments: readonly string[]): Found | null {
  const as = method === 'HEAD' ? 'GET' : method;
  for (const [ruled, pattern, rule] of rules) {
    const captures = ruled === as ? captured(pattern, segments) : null;
    if (captures !== null) return { rule, operation: `${ruled} ${pattern}`, captures };
  }
  return null;
}

/** What `{name}` stands for, or null where the pattern does not fit. A last `**` takes any rest. */
function captured(pattern: string, segments: readonly string[]): { [name: string]: string } | null {
  const parts = pattern.slice(1).split('/');
  const open = parts.at(-1) === '**';
  const fixed = open ? parts.slice(0, -1) : parts;
  if (open ? segments.length < fixed.length : segments.length !== fixed.length) return null;
  const captures: { [name: string]: string } = {};
  for (const [index, part] of fixed.entries()) {
    const value = segments[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== value : value === '') return null;
    if (name !== undefined) captures[name] = value;
  }
  return captures;
}

function actOf(
  { opens, closes, call }: OwnersWord & { readonly call: HttpCall },
  { method, target, found }: { readonly method: Method; readonly target: ReadTarget; readonly found: Found | null },
): Act {
  const rule = found?.rule ?? unnamed(method);
  const overridden = overrides(call, target);
  const said = owned(rule[0], { method, segments: target.segments, opens, closes });
  // Whoever asks for another method, or hides one in a form, gets at least a write.
  const level = said === 'safe' && (overridden || mayHide(method, call)) ? 'write' : said;
  return {
    operation: found?.operation ?? `${method} ${target.path}`,
    class: level,
    resource: found === null ? pathResource(target) : resourceOf(rule, found.captures),
    verb: rule[2],
    why: found === null && level !== 'safe' ? whyUnnamed(level) : whyNamed(level),
  };
}

const unnamed = (method: Method): Rule => [
  method === 'DELETE' ? 'destructive' : 'write',
  UNNAMED.path.resource,
  (method === 'HEAD' ? 'GET' : method).toLowerCase(),
];

function overrides({ headers }: HttpCall, { query }: ReadTarget): boolean {
  const byHeader = [...headers.keys()].some((name) => OVERRIDE_HEADER.test(name));
  return byHeader || (query !== '' && parameterNames(query).some((name) => OVERRIDE_PARAMETER.test(name)));
}

/** A form's body is not read here, and may say `_method`. */
const mayHide = (method: Method, { headers }: HttpCall): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  /^(?:application\/x-www-form-urlencoded|multipart\/)/i.test(headers.get('content-type') ?? '');

/** An owner opens reads and closes safe ones; where both are said, closed it is. */
function owned(
  level: OperationClass,
  { method, segments, opens, closes }: { readonly method: Method; readonly segments: readonly string[] } & OwnersWord,
): OperationClass {
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && closes.some((one) => fits(one, method, segments))) return level === 'safe' ? 'sensitive' : level;
  return reads && opens.some((one) => fits(one, method, segments)) ? 'safe' : level;
}

/** `GET /v1/projects/{id}`; a GET that is opened or closed is so for HEAD too. */
function fits(pattern: string, method: Method, segments: readonly string[]): boolean {
  const [verb = '', path = ''] = pattern.split(' ', 2);
  return (verb === method || (verb === 'GET' && method === 'HEAD')) && captured(path, segments) !== null;
}

const pathResource = ({ path }: ReadTarget): string => {
  const resource = `${UNNAMED.path.resource}${path}`;
  return isUpstreamResource(resource) && !resource.endsWith('*') ? resource : `${UNNAMED.path.resource}/*`;
};

/** The rule's template filled from the path. */
function resourceOf([, kind, , template]: Rule, captures: { readonly [name: string]: string }): string {
  if (template === undefined) return `${kind}/*`;
  const resource = `${kind}/${template.replace(/\{(\w+)\}/g, (_, name: string) => captures[name] ?? '')}`;
  return isUpstreamResource(resource) && !resource.endsWith('*')
    ? resource
    : refuse('invalid_request', 'What stands in the path is no name that can be judged.');
}
