import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Authority } from '#lib/authority';
import { InstanceCertificate, keyThumbprint, openRecord, type SignedRecord } from '#lib/records';
import type { Alarms } from '#warden/alarms';

/** Whose word of a provider counts: the gateway's key, and the copies it certified. */
export interface Gateways {
  /** Of the key that lies in the public folder, believed or not; null where there is none. */
  thumbprint(): string | null;
  /** The gateway's key, as long as the authority names the one that lies there; null, with an alarm, where it does not. */
  key(authority: Authority): KeyObject | null;
  /** The key a copy signs results with, or null where the gateway's key certified no such copy. */
  instanceKey(authority: Authority, row: SignedRecord & { readonly id: string }): KeyObject | null;
}

const DIFFERS =
  'The gateway’s key is not the one an owner signed for. Nothing it says is believed, and nothing is sealed to it: see who changed PUBLIC_DIR, or sign for the new key under Settings.';

const MISSING =
  'There is no gateway key in PUBLIC_DIR. Nothing the gateway says is believed, and nothing is sealed to it: put gateway.pem back from the gateway’s host.';

/** Reads the file each time: it is small, asked for seldom, and may be put there while the warden runs. */
export function createGateways({ file, alarms }: { readonly file: string; readonly alarms: Alarms }): Gateways {
  const lying = (): KeyObject | null => {
    try {
      return createPublicKey(readFileSync(file));
    } catch {
      return null;
    }
  };
  const key = ({ gatewayKey }: Authority): KeyObject | null => {
    const found = lying();
    if (found !== null && keyThumbprint(found) === gatewayKey) {
      alarms.clear('gateway_key_differs');
      return found;
    }
    alarms.raise('gateway_key_differs', found === null ? MISSING : DIFFERS);
    return null;
  };
  return {
    key,
    thumbprint() {
      const found = lying();
      return found === null ? null : keyThumbprint(found);
    },
    instanceKey(authority, row) {
      const by = key(authority);
      const certificate = by === null ? null : openRecord(by, 'instance', InstanceCertificate, row);
      if (certificate?.id !== row.id) return null;
      return createPublicKey({ key: certificate.jwk, format: 'jwk' });
    },
  };
}
