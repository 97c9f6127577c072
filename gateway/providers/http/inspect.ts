import { answerDangers, shownAnswer } from '#gateway/resolve';
import type { HttpOperation } from '#lib/targets';
import type { Danger, Inspection } from '../provider';
import type { ProviderContext } from './context';

const SECONDS = 30;

/** The one safe call, with the provider's own secret. */
export async function inspect(context: ProviderContext): Promise<Inspection> {
  const { profile, config, upstream } = context;
  const path = profile.test === '' ? '/' : profile.test;
  const operation: HttpOperation = { method: 'GET', path };
  const { status, body } = await upstream.call({ operation }, { seconds: SECONDS });
  const version = `HTTP ${status} from ${config.url.replace(/\/$/, '')}${path}`;
  const found = report(version, dangersOf(context, status), warningsOf(context, status));
  // Nobody has signed yet: a stolen web server would read what only we can reach (T56).
  return config.privateNetwork ? found : { ...found, answered: shownAnswer(body) };
}

const report = (version: string, dangers: readonly Danger[], warnings: readonly string[]): Inspection => ({
  version,
  dangers,
  warnings,
});

/** Where nobody knows a call to try, the root is tried; what it answers says little but a plain no to the secret. */
const dangersOf = ({ profile }: ProviderContext, status: number): readonly Danger[] =>
  profile.test === '' && status !== 401 ? [] : answerDangers(status);

function warningsOf({ profile, config }: ProviderContext, status: number): string[] {
  return [
    ...(config.privateNetwork ? [NOT_SHOWN] : []),
    ...(profile.rules.length === 0 ? [GENERIC] : []),
    ...(profile.test === '' ? [UNTESTED] : []),
    ...(profile.test !== '' && status >= 400
      ? [`The test call was answered with HTTP ${status}: is this the right address?`]
      : []),
  ];
}

const NOT_SHOWN = 'What it answered is not shown here: it lives in your own network, and nobody has signed for it yet.';
const GENERIC = 'This profile knows nothing of the provider: nothing passes at rest but what you open here by path.';
const UNTESTED = 'Nobody knows a call that tries the secret: whether the provider takes it shows when it is used.';
