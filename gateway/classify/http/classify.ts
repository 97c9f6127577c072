import { refuse } from '#lib/core';
import {
  type Act,
  classOfUnnamedPath,
  type HttpProfile,
  type HttpRule,
  isUpstreamResource,
  type OperationClass,
  type Rule,
  UNNAMED,
  worstClass,
} from '#lib/profiles';
import type { HttpOperation } from '#lib/targets';
import { type Classification, type OwnerOverrides, whyNamed, whyUnnamed } from '../classification';
import { parameterNames, type ReadTarget, readTarget } from './path';
import { type Captures, captured, fitsLoosely, type Pattern, patternOf, readingsOf } from './pattern';

/** An HTTP call's line and headers; its body is not read here. */
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
export function classifyHttp(input: {
  readonly profile: HttpProfile;
  readonly opens: readonly string[];
  readonly closes: readonly string[];
  readonly call: HttpCall;
}): Classification {
  const { profile, call } = input;
  const { method } = call;
  if (!isMethod(method)) return refuse('invalid_request', `Use one of ${METHODS.join(', ')}.`);
  const target = readTarget(call.target);
  refuseDoubtful(method, target, call);
  const { found, feared } = match(profile.rules, method, target.segments);
  const act = actOf(input, { method, target, found, feared });
  const acts = mayHide(method, call) ? [act, hidden(target)] : [act];
  return {
    acts,
    class: worstClass(acts.map((one) => one.class)),
    name: `${method} ${target.path}`,
    operation: { method, path: target.path + target.query },
    args: found?.captures ?? {},
    resolver: found !== null && Object.hasOwn(profile.resolvers, found.operation) ? found.operation : null,
  };
}

const isRead = (method: Method): boolean => method === 'GET' || method === 'HEAD';

/** Heads by which some servers take another path than the one in the line. */
const REPATHING_HEADER = /^x[-_](?:original|rewrite|override)[-_]ur[li]$|^x[-_]forwarded[-_](?:prefix|path)$/;
/** How a proxy says what it was asked, which is what was classified. */
const PROXYS_OWN = 'x-original-uri';

/** What makes a call another one than its line says: method, path or body (T49, T55). */
function refuseDoubtful(method: Method, target: ReadTarget, call: HttpCall): void {
  const { headers } = call;
  const repathing = [...headers.keys()].find((name) => REPATHING_HEADER.test(name) && name !== PROXYS_OWN);
  if (repathing !== undefined) refuse('invalid_request', `Leave out ${repathing}: send the path you mean.`);
  const encoding = headers.get('transfer-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked')
    refuse('invalid_request', 'Of Transfer-Encoding only chunked is read here.');
  if (isRead(method)) {
    if (encoding !== undefined || !/^0*$/.test(headers.get('content-length') ?? ''))
      refuse('invalid_request', `${method} has no body here.`);
  } else if (overrides(call, target))
    refuse('invalid_request', 'Send the method you mean, and no header or parameter that names another.');
}

interface Found {
  readonly rule: Rule;
  /** `DELETE /repos/{owner}/{repo}`. */
  readonly operation: string;
  readonly captures: Captures;
}

interface Match {
  readonly found: Found | null;
  /** Classes of the rules that another server might say fit. */
  readonly feared: readonly OperationClass[];
}

const rulesByMethod = new WeakMap<readonly HttpRule[], ReadonlyMap<string, readonly Ruled[]>>();

interface Ruled {
  readonly pattern: Pattern;
  readonly rule: Rule;
}

/** A provider has a thousand rules: taken apart once, by method. */
function rulesFor(rules: readonly HttpRule[], method: string): readonly Ruled[] {
  const known = rulesByMethod.get(rules);
  if (known !== undefined) return known.get(method) ?? [];
  const byMethod = new Map<string, Ruled[]>();
  for (const [ruled, path, rule] of rules) {
    const list = byMethod.get(ruled) ?? [];
    byMethod.set(ruled, list);
    list.push({ pattern: patternOf(path), rule });
  }
  rulesByMethod.set(rules, byMethod);
  return byMethod.get(method) ?? [];
}

/**
 * Finds the first rule that fits; HEAD is classified as the GET it stands for. Where an
 * earlier, worse rule fits on a server that ignores case or endings, none is
 * found: the call is unnamed, and in the worst of these classes (T50).
 */
function match(rules: readonly HttpRule[], method: Method, segments: readonly string[]): Match {
  const as = method === 'HEAD' ? 'GET' : method;
  const lightly = readingsOf(segments);
  const feared: OperationClass[] = [];
  for (const { pattern, rule } of rulesFor(rules, as)) {
    const captures = captured(pattern, segments);
    if (captures === null) {
      if (rule[0] !== 'safe' && fitsLoosely(pattern, lightly)) feared.push(rule[0]);
    } else {
      const worse = worstClass([rule[0], ...feared]) !== rule[0];
      return { found: worse ? null : { rule, operation: `${as} ${pattern.text}`, captures }, feared };
    }
  }
  return { found: null, feared };
}

function actOf(
  { opens, closes, call }: OwnerOverrides & { readonly call: HttpCall },
  { method, target, found, feared }: Match & { readonly method: Method; readonly target: ReadTarget },
): Act {
  const rule = found?.rule ?? unnamed(method, target);
  const said = owned(worstClass([rule[0], ...feared]), { method, segments: target.segments, opens, closes });
  // Whoever asks for another method gets at least a write.
  const level = said === 'safe' && overrides(call, target) ? 'write' : said;
  return {
    operation: found?.operation ?? `${method} ${target.path}`,
    class: level,
    resource: found === null ? pathResource(target) : resourceOf(rule, found.captures),
    verb: rule[2],
    why: found === null && level !== 'safe' ? whyUnnamed(level) : whyNamed(level),
  };
}

function unnamed(method: Method, { segments }: ReadTarget): Rule {
  const verb = (method === 'HEAD' ? 'GET' : method).toLowerCase();
  return [classOfUnnamedPath(verb, segments), UNNAMED.path.resource, verb];
}

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
  (method === 'POST' || method === 'PUT' || method === 'PATCH') &&
  /^\s*(?:application\/x-www-form-urlencoded|multipart\/)/i.test(headers.get('content-type') ?? '');

/** The DELETE that a form may turn out to be has to be granted too (T55). */
const hidden = (target: ReadTarget): Act => ({
  operation: `DELETE ${target.path}`,
  class: 'destructive',
  resource: pathResource(target),
  verb: 'delete',
  why: 'its body is a form, and some servers take another method out of one, such as DELETE.',
});

/** An owner opens reads by the letter and closes safe ones in every reading of it; where both are said, closed it is. */
function owned(
  level: OperationClass,
  {
    method,
    segments,
    opens,
    closes,
  }: { readonly method: Method; readonly segments: readonly string[] } & OwnerOverrides,
): OperationClass {
  if (!isRead(method)) return level;
  const lightly = readingsOf(segments);
  if (linesOf(closes).some((one) => isFor(one, method) && fitsLoosely(one.pattern, lightly)))
    return level === 'safe' ? 'sensitive' : level;
  return linesOf(opens).some((one) => isFor(one, method) && captured(one.pattern, segments) !== null) ? 'safe' : level;
}

interface Line {
  readonly verb: string;
  readonly pattern: Pattern;
}

const ownersLines = new WeakMap<readonly string[], readonly Line[]>();

function linesOf(owners: readonly string[]): readonly Line[] {
  const known = ownersLines.get(owners);
  if (known !== undefined) return known;
  const lines = owners.map((one) => {
    const [verb = '', path = ''] = one.split(' ', 2);
    return { verb, pattern: patternOf(path) };
  });
  ownersLines.set(owners, lines);
  return lines;
}

/** `GET /v1/projects/{id}`; a GET that is opened or closed is so for HEAD too. */
const isFor = ({ verb }: Line, method: Method): boolean => verb === method || (verb === 'GET' && method === 'HEAD');

const pathResource = ({ path }: ReadTarget): string => {
  const resource = `${UNNAMED.path.resource}${path}`;
  return isUpstreamResource(resource) && !resource.endsWith('*') ? resource : `${UNNAMED.path.resource}/*`;
};

/** The rule's template filled from the path. */
function resourceOf([, kind, , template]: Rule, captures: Captures): string {
  if (template === undefined) return `${kind}/*`;
  const resource = `${kind}/${template.replace(/\{(\w+)\}/g, (_, name: string) => captures[name] ?? '')}`;
  return isUpstreamResource(resource) && !resource.endsWith('*')
    ? resource
    : refuse('invalid_request', 'What stands in the path is no name that can be classified.');
}
