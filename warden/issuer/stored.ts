import { classesOf, type Profile, pairsOf, profileOf } from '#lib/profiles';
import { isUpstream, type TargetConfig } from '#lib/targets';
import type { OperationResult } from '#warden/targets';

/** What was asked for, as it was signed. */
interface Asked {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * The result as the record keeps it. An answer that may hold a secret goes to the
 * agent alone: rows are read by the web server, and copied (T35). That is what
 * reads secrets, what makes credentials, and whatever no rule names.
 */
export function storedResult(config: TargetConfig, asked: Asked, result: OperationResult): OperationResult {
  if (!('status' in result) || !isUpstream(config) || holdsNoSecret(profileOf(config.profile), asked)) return result;
  const bytes = Buffer.byteLength(result.body);
  return { ...result, body: `Not kept: it may hold a secret. The agent got it, ${bytes} bytes.` };
}

function holdsNoSecret(profile: Profile, { resources, verbs }: Asked): boolean {
  const classes = resources.flatMap((resource) => verbs.flatMap((verb) => classesOf(profile, resource, verb)));
  const named = resources.every((resource) => verbs.some((verb) => isNamed(profile, resource, verb)));
  return named && !classes.some((one) => one === 'sensitive' || one === 'escalating');
}

const isNamed = (profile: Profile, resource: string, verb: string): boolean =>
  pairsOf(profile).some((pair) => pair.resource === resource.slice(0, resource.indexOf('/')) && pair.verb === verb);
