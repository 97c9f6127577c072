import { classesOf, type OperationClass, type Profile, worstClass } from '#lib/profiles';
import type { Preview } from '#lib/statement';
import type { Ask, UpstreamConfig } from '#lib/targets';
import { formatDuration } from '#lib/text';

interface Allowed {
  readonly resource: string;
  readonly verb: string;
  readonly class: OperationClass;
}

/** What a grant would let an agent do, in words: nobody can know yet what it will do with it. */
export function previewOfGrant(config: UpstreamConfig, profile: Profile, ask: Ask): Preview {
  const allowed = allowedBy(profile, ask);
  return {
    effects: [...allowed.map((one) => effectOf(one, profile)), howLong(ask)],
    touched: allowed.map(touchedBy),
    warnings: warningsOf(config, profile, allowed),
    maxRows: null,
    plan: null,
  };
}

/** What can pass on a grant: never what escalates, whatever was asked (T31). */
function allowedBy(profile: Profile, ask: Ask): Allowed[] {
  return ask.resources.flatMap((resource) =>
    ask.verbs.flatMap((verb) => {
      const classes = classesOf(profile, resource, verb).filter((one) => one !== 'escalating');
      return classes.length === 0 ? [] : [{ resource, verb, class: worstClass(classes) }];
    }),
  );
}

/** How a thing is touched, and how bad that is. */
export const touchedBy = (act: Allowed): Preview['touched'][number] => ({
  resource: act.resource,
  how: `${act.verb} (${act.class})`,
  countedRows: null,
  estimatedRows: null,
});

function effectOf({ resource, verb }: Allowed, profile: Profile): string {
  return resource.endsWith('/*')
    ? `May ${verb} ${resource}: every one of them that ${accountOf(profile)} reaches.`
    : `May ${verb} ${resource}.`;
}

const howLong = ({ maxUses, ttlSeconds }: Ask): string =>
  `${maxUses === null ? 'Any number of calls' : maxUses === 1 ? 'One call' : `At most ${maxUses} calls`}, through the gateway, for ${formatDuration(ttlSeconds)}.`;

const accountOf = ({ title, name }: Profile): string =>
  name.startsWith('generic-') ? 'the provider’s secret' : `this account at ${title}`;

function warningsOf(config: UpstreamConfig, profile: Profile, allowed: readonly Allowed[]): string[] {
  const wide = allowed.filter(({ resource }) => resource.endsWith('/*')).map(({ resource }) => resource);
  const ids = allowed.filter(({ resource }) => !resource.endsWith('/*')).map(({ resource }) => resource);
  return [
    ...(wide.length === 0
      ? []
      : [
          `${each(wide)} ${new Set(wide).size === 1 ? 'is' : 'are'} everything of that kind, in every environment, not in ${config.environment} alone: ${accountOf(profile)} knows no narrower limit.`,
        ]),
    ...(ids.length === 0
      ? []
      : [
          `Nobody looked up what ${each(ids)} ${new Set(ids).size === 1 ? 'is' : 'are'} or which environment that is in. The grant stays on ${new Set(ids).size === 1 ? 'that one id' : 'those ids'}.`,
        ]),
    ...(allowed.some((one) => one.class === 'destructive') ? [CLASS_WORDS.destructive] : []),
    ...(allowed.some((one) => one.class === 'sensitive') ? [CLASS_WORDS.sensitive] : []),
  ];
}

const each = (names: readonly string[]): string => [...new Set(names)].join(', ');

/** What a class means to whoever has to decide. */
export const CLASS_WORDS: Readonly<Record<Exclude<OperationClass, 'safe' | 'write'>, string>> = {
  sensitive: 'This is sensitive: it reads secrets or what must not leave, and the agent gets the answer.',
  destructive: 'This is destructive: what it removes does not come back.',
  escalating:
    'This is escalating: it makes new credentials or members, or turns a protection or a backup off. What it makes outlives this approval.',
};
