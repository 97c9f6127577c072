import { test as base } from '@playwright/test';
import { agentWith } from './agent';
import { type FurnishedInstallation, furnishedInstallation } from './set-up';
import { registerAgent } from './sign-pages';

/** One house for all specs that only visit: starting one takes longer than most visits. */
export const test = base.extend<object, { readonly commonHouse: FurnishedInstallation }>({
  commonHouse: [
    async ({ browser }, use) => {
      const house = await furnishedInstallation(browser);
      await use(house);
      await house.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

/** The house with an agent of the spec's own, so that no two specs ask for the same. */
export async function withAgent(house: FurnishedInstallation, name: string): Promise<FurnishedInstallation> {
  const secrets = await registerAgent(house.owner.page, house.stage, name);
  return { ...house, agent: agentWith(secrets, house.stage) };
}
