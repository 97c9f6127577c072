import type { Browser } from 'playwright';
import { type AgentClient, agentWith } from './agent';
import { signIn } from './console-pages';
import { type InstallationUnderTest, startInstallation } from './installation';
import { type Person, person } from './person';
import { addSample, registerAgent, setUp } from './sign-pages';

/** A running Countersign whose owner is signed in. */
export interface Installation {
  readonly stage: InstallationUnderTest;
  readonly owner: Person;
  close(): Promise<void>;
}

/** The same with the sample database and an agent. */
export interface FurnishedInstallation extends Installation {
  readonly agent: AgentClient;
}

interface Wishes {
  readonly synced?: boolean;
  /** That nobody vouches for the browser's keys: the founder's answer to whether production takes such keys. */
  readonly unproven?: 'accepted' | 'refused';
  readonly env?: Readonly<Record<string, string>>;
}

export async function newInstallation(
  browser: Browser,
  { synced = false, unproven, env = {} }: Wishes = {},
): Promise<Installation> {
  const stage = await startInstallation(env, { unproven: unproven !== undefined });
  const owner = await person(browser, 'Ada', { synced });
  await setUp(owner, stage, unproven === undefined ? {} : { unproven });
  await signIn(owner.page, stage);
  return {
    stage,
    owner,
    async close() {
      await owner.context.close();
      await stage.stop();
    },
  };
}

export async function furnishedInstallation(browser: Browser, wishes: Wishes = {}): Promise<FurnishedInstallation> {
  const empty = await newInstallation(browser, wishes);
  await addSample(empty.owner, empty.stage);
  const secrets = await registerAgent(empty.owner.page, empty.stage, 'deploy-bot');
  return { ...empty, agent: agentWith(secrets, empty.stage) };
}

export const SAMPLE = 'sample-bookings';

/** What the README's quick start asks for. */
export const quickStart = (more: object = {}) => ({
  target: SAMPLE,
  resources: ['table/public.bookings'],
  verbs: ['select', 'update'],
  ttlSeconds: 600,
  reason: 'Move booking 42 to Tuesday; the guest asked for it.',
  ...more,
});
