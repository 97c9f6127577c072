import type { SignWarden } from '../context';

/** Writes what FIDO's metadata calls each key's model, for people: it decides nothing. */
export async function nameModels({ db, makers }: SignWarden): Promise<void> {
  const { metadata } = makers.current();
  if (metadata === null) return;
  const keys = await db.key.findMany({ select: { id: true, aaguid: true, model: true } });
  for (const { id, aaguid, model } of keys) {
    const listed = metadata.byAaguid.get(aaguid);
    if (listed === undefined || listed.name === model) continue;
    await db.key.update({ where: { id }, data: { model: listed.name, icon: listed.icon } });
  }
}
