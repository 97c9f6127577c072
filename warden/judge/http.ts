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
const OVERRIDE_HEADER = /^(?:x[-_])?(?:http[-_]?)?method(?:[-_]?override)?$/;
const OVERRIDE_PARAMETER =
  /^_*(?:x_)?(?:http_?)?method_?override$|^_+(?:x_)?(?:http_?)?method$|^x_(?:http_?)?method$|^http_?method$/;

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
  const { found, feared } = match(profile.rules, method, target.segments);
  const act = actOf(input, { method, target, found, feared });
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

interface Match {
  readonly found: Found | null;
  /** Classes of the rules that another server might say fit. */
  readonly feared: readonly OperationClass[];
}

/**
 * The first rule that fits; HEAD is judged as the GET it stands for. Where an
 * earlier one fits only to a server that takes letters or endings lightly, it
 * is nobody's: what it is at worst is what is feared (T50).
 */
function match(rules: readonly HttpRule[], method: Method, segments: readonly string[]): Match {
  const as = method === 'HEAD' ? 'GET' : method;
  const feared: OperationClass[] = [];
  for (const [ruled, pattern, rule] of rules) {
    if (ruled !== as) continue;
    const captures = captured(pattern, segments);
    if (captures === null) {
      if (rule[0] !== 'safe' && fitsLoosely(pattern, segments)) feared.push(rule[0]);
    } else {
      const worse = worstClass([rule[0], ...feared]) !== rule[0];
      return { found: worse ? null : { rule, operation: `${ruled} ${pattern}`, captures }, feared };
    }
  }
  return { found: null, feared };
}

/** As Express, Rails and IIS read a path: in any case, with or without a last slash, an ending like `.json` cut off. */
function fitsLoosely(pattern: string, segments: readonly string[]): boolean {
  const loose = (parts: readonly string[]): string[] =>
    (parts.at(-1) === '' && parts.length > 1 ? parts.slice(0, -1) : parts).map((part) =>
      part.normalize('NFKC').toLowerCase(),
    );
  const fold = (path: string): string => `/${loose(path.slice(1).split('/').map(decoded)).join('/')}`;
  const whole = loose(segments);
  const bare = [...whole.slice(0, -1), (whole.at(-1) ?? '').replace(/(?<=.)\.[^.]*$/, '')];
  return [whole, bare].some((one) => captured(fold(pattern), one) !== null);
}

/** A pattern may be written encoded; what it is held against never is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
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
  { method, target, found, feared }: Match & { readonly method: Method; readonly target: ReadTarget },
): Act {
  const rule = found?.rule ?? unnamed(method);
  const overridden = overrides(call, target);
  const said = owned(worstClass([rule[0], ...feared]), { method, segments: target.segments, opens, closes });
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
  return byHeader || (query !== '' && parameterNames(query).some((name) => OVERRIDE_PARAMETER.test(asPhp(name))));
}

/** As the least careful reader takes a parameter's name: cut at `[…]` or a NUL, trimmed, one sign for all that is no word. */
const asPhp = (name: string): string =>
  name
    .trim()
    .replace(/\0.*$|(?<=.)\[.*\]?$/s, '')
    .replace(/[^a-z0-9]/g, '_');

/** A form's body is not read here, and may say `_method`. */
const mayHide = (method: Method, { headers }: HttpCall): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  /^(?:application\/x-www-form-urlencoded|multipart\/)/i.test(headers.get('content-type') ?? '');

/** An owner opens reads by the letter and closes safe ones in every reading of it; where both are said, closed it is. */
function owned(
  level: OperationClass,
  { method, segments, opens, closes }: { readonly method: Method; readonly segments: readonly string[] } & OwnersWord,
): OperationClass {
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && closes.some((one) => fits(one, method, (path) => fitsLoosely(path, segments))))
    return level === 'safe' ? 'sensitive' : level;
  return reads && opens.some((one) => fits(one, method, (path) => captured(path, segments) !== null)) ? 'safe' : level;
}

/** `GET /v1/projects/{id}`; a GET that is opened or closed is so for HEAD too. */
function fits(pattern: string, method: Method, takes: (path: string) => boolean): boolean {
  const [verb = '', path = ''] = pattern.split(' ', 2);
  return (verb === method || (verb === 'GET' && method === 'HEAD')) && takes(path);
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
