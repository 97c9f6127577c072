import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Metadata, Model } from '#lib/attestation';
import { type Signer, signer } from '#testing/people';
import { admit, type House, openHouse } from '#testing/warden';
import { checkProjection } from '#warden/changes';
import type { SignWarden } from '../context';
import { retireCompromised } from './compromised';
import { nameModels } from './models';

let house: House;
let bob: Signer;
beforeAll(async () => {
  house = await openHouse();
  bob = await signer('Bob', 'approver');
  await admit(house, bob);
});
afterAll(() => house.close());

/** A warden whose file of FIDO's lists Bob's model, which is Ada's too. */
function listing(model: Partial<Model>): SignWarden {
  const listed: Model = { name: 'Some key', icon: null, roots: [], compromised: null, ...model };
  const metadata: Metadata = {
    ...{ number: 7, nextUpdate: '2026-12-01', byKeyIdentifier: new Map() },
    byAaguid: new Map([[bob.key.aaguid, listed]]),
  };
  return { ...house.signWarden, makers: { ...house.signWarden.makers, current: () => ({ roots: [], metadata }) } };
}

const row = (of: Signer) => house.owner.key.findUniqueOrThrow({ where: { id: of.key.id } });
const active = async (of: Signer) =>
  (await house.warden.authority.current(house.warden.db)).keys.get(of.key.id)?.active;

test('A model is called what FIDO calls it, once it is listed', async () => {
  expect(await row(bob)).toMatchObject({ model: null, icon: null });
  await nameModels(listing({ icon: 'data:image/png;base64,AAAA' }));
  expect(await row(bob)).toMatchObject({ model: 'Some key', icon: 'data:image/png;base64,AAAA' });
});

test('Keys of a model that nothing was reported about stay', async () => {
  await retireCompromised(listing({}));
  expect([await active(bob), house.recorded.alarms.list()]).toEqual([true, []]);
});

test('Keys of a reported model retire, with an alarm; the last key of the last owner stays, with one', async () => {
  await retireCompromised(listing({ compromised: 'USER_KEY_REMOTE_COMPROMISE' }));
  expect([await active(bob), (await row(bob)).state]).toEqual([false, 'disabled']);
  expect([await active(house.ada), (await row(house.ada)).state]).toEqual([true, 'active']);
  expect(house.recorded.alarms.list()).toMatchObject([
    { code: 'key_retired', text: expect.stringContaining('Some key, as USER_KEY_REMOTE_COMPROMISE') },
  ]);
  const events = await house.owner.auditEvent.findMany({ where: { kind: 'key.retired' } });
  expect(events.map(({ humanId, actor }) => [humanId, actor])).toEqual([[bob.human.id, 'warden']]);
});

test('The console’s rows say what the chain says: no false alarm', async () => {
  await checkProjection(house.warden);
  expect(house.recorded.alarms.list().map(({ code }) => code)).toEqual(['key_retired']);
});
