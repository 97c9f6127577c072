import type { OperationClass } from './classes';

/*
 * What a provider's operations are, as data: one file a provider. A profile says
 * of each operation how bad it is, what kind of thing it touches and what it
 * does to it. What a profile does not name is a write (P7).
 */

/**
 * How bad, what kind of thing, what is done to it, and where its id stands: a dotted path into the arguments
 * (`volumeId`, `input.serviceId`), or for HTTP a template over what the path captured (`{owner}/{repo}`).
 * Without an id it is all things of the kind.
 */
export type Rule = readonly [level: OperationClass, resource: string, verb: string, id?: string];

/** Finds out, with reads alone, what the ids in an operation stand for. Data, run by the preview. */
export interface Resolver {
  readonly steps: readonly Step[];
  readonly facts: readonly FactRule[];
  /** Path to the name of the environment the thing lives in; null where the provider knows none. */
  readonly environment: string | null;
  /** Path to the thing's own name, to be typed by the approver; null where it has none. */
  readonly subject: string | null;
}

/**
 * One read. Paths are dotted, `[]` goes through every element of a list, and they
 * start at the context: `args` (the operation's arguments or captures), then
 * every earlier step by its `as`.
 */
export interface Step {
  readonly as: string;
  /** GraphQL: a document of one query. HTTP: a path with `{name}` for each variable. */
  readonly read: string;
  /** Variable to path. A path with several values runs the step once for each; the results stand in one list. */
  readonly variables: Readonly<Record<string, string>>;
  /** Path within the answer's data (HTTP: its JSON body; '' is the whole) to what was looked for. */
  readonly take: string;
  /** Keeps only what has this field equal to the value at the path; none left, over all reads of the step, is UNKNOWN. */
  readonly where?: readonly [field: string, equals: string];
  /** Path within the answer's data to a `pageInfo { hasNextPage endCursor }`: while there is a next page, it is read too, with its cursor as `$after`. */
  readonly pages?: string;
  /** Paths within the answer's data to the `hasNextPage` of every list that is not paged through. Anything but false there makes the step UNKNOWN: an incomplete list must not pass for the whole. */
  readonly whole?: readonly string[];
  /** There may be none: an argument that is not given, or nothing left by `where`, is nothing found and not UNKNOWN. A read that fails still is. */
  readonly optional?: true;
}

/** One line of what was found. */
export interface FactRule {
  readonly label: string;
  readonly path: string;
  /**
   * Other paths from the thing the value belongs to (what `path` leads to without its last name), shown behind it in
   * the same line, so that one sees which belongs to which. Bound with it.
   */
  readonly also?: readonly string[];
  /** `value`: the one value. `list`: every value, one a line. `count`: how many there are. */
  readonly show: 'value' | 'list' | 'count';
  /** `danger` stands out: what would be lost. */
  readonly weight: 'plain' | 'danger';
  /** Approved as it was: another value when the operation runs is drift, and it does not run. */
  readonly bound: boolean;
  readonly unit?: string;
  /** What to say where the read worked and found nothing: "none". Without it, nothing is UNKNOWN. */
  readonly empty?: string;
}

interface Common {
  readonly name: string;
  /** Raised by one with every change of a rule. */
  readonly version: number;
  /** As an owner knows the provider. */
  readonly title: string;
  /** Proposed in the form; null for the generic ones. */
  readonly url: string | null;
  /** Run against an operation before a person sees it, by operation: `mutation volumeDelete`, `DELETE /repos/{owner}/{repo}`. */
  readonly resolvers: Readonly<Record<string, Resolver>>;
}

export interface GraphqlProfile extends Common {
  readonly kind: 'graphql';
  readonly query: Readonly<Record<string, Rule>>;
  readonly mutation: Readonly<Record<string, Rule>>;
  readonly subscription: Readonly<Record<string, Rule>>;
  /** Fields below the root that give out more than their root does: `Environment.variables`. */
  readonly nested: Readonly<Record<string, Rule>>;
  /** A field below the root whose name matches is `sensitive`, unless `harmless` lists it as `Type.field`. */
  readonly suspicious: RegExp;
  readonly harmless: ReadonlySet<string>;
  /** The one safe query of "Test". */
  readonly test: string;
}

/** Method, path pattern (`{name}` is one segment, a last `**` any rest), and what it is. First match counts. */
export type HttpRule = readonly [method: string, path: string, rule: Rule];

export interface HttpProfile extends Common {
  readonly kind: 'http';
  readonly rules: readonly HttpRule[];
  /** Path of the one safe GET of "Test". */
  readonly test: string;
  /** Request headers the provider needs, lower case, beside the usual ones. */
  readonly requestHeaders: readonly string[];
}

export type Profile = GraphqlProfile | HttpProfile;

/** One thing an operation does, classified. */
export interface Act {
  /** `mutation volumeDelete`, `Environment.variables`, `DELETE /repos/{owner}/{repo}`. */
  readonly operation: string;
  readonly class: OperationClass;
  /** `volume/3d2c…`, or `volume/*` where no particular one is named. */
  readonly resource: string;
  readonly verb: string;
  /** One plain sentence: why it is in that class. */
  readonly why: string;
}
