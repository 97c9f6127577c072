import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '#lib/core';
import { type Journal, openJournal, readPrivate, writePrivate } from '#lib/process';
import { InstanceCertificate, openRecord, type SignedRecord, signRecord } from '#lib/records';

/** One copy of the gateway: its own key, certified by the gateway key, and its own memory of what it began. */
export interface Instance {
  readonly id: string;
  /** Signs results. */
  readonly key: KeyObject;
  readonly certificate: SignedRecord;
  /** Orders begun, on disk before a byte of theirs goes out. */
  readonly journal: Journal;
}

/**
 * Opens the copy whose folder this is. A copy that lost any part of itself,
 * above all its journal, is another one: it must not be taken for the copy that
 * an order was made out to, since it cannot know whether that order was run.
 */
export function openInstance(directory: string, gatewayKey: KeyObject, now: () => Date): Instance {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return reopened(directory, gatewayKey) ?? made(directory, gatewayKey, now());
}

const at = (directory: string) => ({
  key: join(directory, 'key.pem'),
  certificate: join(directory, 'certificate.json'),
  journal: join(directory, 'journal.log'),
});

function reopened(directory: string, gatewayKey: KeyObject): Instance | null {
  const paths = at(directory);
  const [pem, certificate, journal] = [paths.key, paths.certificate, paths.journal].map(readPrivate);
  if (!pem || !certificate || typeof journal !== 'string') return null;
  try {
    const key = createPrivateKey(pem);
    const { body, signature } = JSON.parse(certificate) as SignedRecord;
    const signed = { body, signature };
    const opened = openRecord(createPublicKey(gatewayKey), 'instance', InstanceCertificate, signed);
    if (opened === null || !isOf(opened, key)) return null;
    return { id: opened.id, key, certificate: signed, journal: openJournal(paths.journal) };
  } catch {
    return null;
  }
}

function made(directory: string, gatewayKey: KeyObject, now: Date): Instance {
  const paths = at(directory);
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = newId('gwi');
  const certificate = signRecord(gatewayKey, 'instance', { id, jwk: jwkOf(key), issuedAt: now.toISOString() });
  writePrivate(paths.journal, '');
  writePrivate(paths.key, key.export({ type: 'pkcs8', format: 'pem' }).toString());
  writePrivate(paths.certificate, JSON.stringify(certificate));
  return { id, key, certificate, journal: openJournal(paths.journal) };
}

function jwkOf(key: KeyObject): InstanceCertificate['jwk'] {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { kty: 'EC', crv: 'P-256', x, y };
}

function isOf({ jwk }: InstanceCertificate, key: KeyObject): boolean {
  const { x, y } = jwkOf(key);
  return jwk.x === x && jwk.y === y;
}
