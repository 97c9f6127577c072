import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '#lib/core';
import { readPrivate, syncFolder, writePrivate } from '#lib/process';
import { InstanceCertificate, openRecord, type SignedRecord, signRecord } from '#lib/records';
import { type BegunOrders, makeBegunOrders, openBegunOrders } from './begun';
import { type HighestHead, makeHighestHead, openHighestHead } from './highest';

/** One copy of the gateway: its own key, certified by the gateway key, and its own memory of what it began. */
export interface Instance {
  readonly id: string;
  /** Signs results. */
  readonly key: KeyObject;
  readonly certificate: SignedRecord;
  /** The journal: an order is in it before a byte of it goes out. */
  readonly begun: BegunOrders;
  /** In the journal as well. */
  readonly highest: HighestHead;
}

/**
 * Opens the copy whose folder this is. A copy that lost any part of itself,
 * above all its journal, is another one: it must not be taken for the copy that
 * an order was made out to, since it cannot know whether that order was run, nor
 * which heads are older than those the other has seen.
 */
export function openInstance(directory: string, gatewayKey: KeyObject, now: () => Date): Instance {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return reopened(directory, gatewayKey) ?? made(directory, gatewayKey, now());
}

const at = (directory: string) => ({
  key: join(directory, 'key.pem'),
  certificate: join(directory, 'certificate.json'),
  journal: join(directory, 'journal'),
});

function reopened(directory: string, gatewayKey: KeyObject): Instance | null {
  const paths = at(directory);
  const [pem, certificate] = [paths.key, paths.certificate].map(readPrivate);
  const hasJournal = statSync(paths.journal, { throwIfNoEntry: false })?.isDirectory() === true;
  const highest = openHighestHead(paths.journal);
  if (!pem || !certificate || !hasJournal || highest === null) return null;
  try {
    const key = createPrivateKey(pem);
    const { body, signature } = JSON.parse(certificate) as SignedRecord;
    const signed = { body, signature };
    const opened = openRecord(createPublicKey(gatewayKey), 'instance', InstanceCertificate, signed);
    if (opened === null || !isOf(opened, key)) return null;
    return { id: opened.id, key, certificate: signed, begun: openBegunOrders(paths.journal), highest };
  } catch {
    return null;
  }
}

function made(directory: string, gatewayKey: KeyObject, now: Date): Instance {
  const paths = at(directory);
  // The certificate goes first and comes last: cut off in between, no copy is taken for the one that was here.
  for (const path of [paths.certificate, paths.key, paths.journal]) rmSync(path, { recursive: true, force: true });
  syncFolder(directory);
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = { id: newId('gwi'), jwk: jwkOf(key), issuedAt: now.toISOString() };
  makeBegunOrders(paths.journal);
  makeHighestHead(paths.journal);
  writePrivate(paths.key, key.export({ type: 'pkcs8', format: 'pem' }).toString());
  writePrivate(paths.certificate, JSON.stringify(signRecord(gatewayKey, 'instance', certificate)));
  const copy = reopened(directory, gatewayKey);
  if (copy === null) throw new Error(`${directory} does not hold what was just written to it.`);
  return copy;
}

function jwkOf(key: KeyObject): InstanceCertificate['jwk'] {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { kty: 'EC', crv: 'P-256', x, y };
}

function isOf({ jwk }: InstanceCertificate, key: KeyObject): boolean {
  const { x, y } = jwkOf(key);
  return jwk.x === x && jwk.y === y;
}
