import type { X509Certificate } from 'node:crypto';
import { type Element, elementsOf, extensionOf } from './der';

/** 1.3.6.1.4.1.11129.2.1.17, key attestation. */
export const KEY_DESCRIPTION = '2b06010401d679020111';
/** 2.5.29.31. The library would fetch the list from the address in it, which a stranger may have chosen. */
const CRL_DISTRIBUTION_POINTS = '551d1f';

/** Places in KeyDescription (source.android.com, “Key and ID attestation”). */
const SECURITY_LEVELS = [1, 3];
const SOFTWARE_ENFORCED = 6;
const HARDWARE_ENFORCED = 7;

const SOFTWARE = 0;
const PURPOSE = 0xa1;
const NO_AUTH_REQUIRED = 0xbf8377;
const USER_AUTH_TYPE = 0xbf8378;
const ORIGIN = 0xbf853e;
const ROOT_OF_TRUST = 0xbf8540;
const SIGN = 2;
const GENERATED = 0;
const VERIFIED = 0;

/**
 * Whether the phone's hardware says that it made this key, for signing, that it
 * asks for its person, and that the phone runs what its maker signed. Phones
 * certify keys that were imported as well (WebAuthn §8.4 asks for `origin`, which
 * the library does not look at), keys of software, and keys that any program may
 * use. That the program was a browser is not asked: any app's key passes.
 */
export function isMadeInAndroid(leaf: X509Certificate): boolean {
  try {
    if (extensionOf(leaf, CRL_DISTRIBUTION_POINTS) !== null) return false;
    const [description] = elementsOf(extensionOf(leaf, KEY_DESCRIPTION) ?? Buffer.alloc(0));
    const parts = elementsOf(description?.body ?? Buffer.alloc(0));
    const inHardware = SECURITY_LEVELS.every((at) => numberIn(parts[at]) > SOFTWARE);
    const bySoftware = elementsOf(parts[SOFTWARE_ENFORCED]?.body ?? Buffer.alloc(0));
    const byHardware = elementsOf(parts[HARDWARE_ENFORCED]?.body ?? Buffer.alloc(0));
    const isOpen = [...bySoftware, ...byHardware].some(({ tag }) => tag === NO_AUTH_REQUIRED);
    return inHardware && !isOpen && isForSigning(byHardware) && isLocked(byHardware);
  } catch {
    return false;
  }
}

function isForSigning(enforced: readonly Element[]): boolean {
  const [origin] = inside(enforced, ORIGIN);
  const [purposes] = inside(enforced, PURPOSE);
  const signs = elementsOf(purposes?.body ?? Buffer.alloc(0)).some((purpose) => numberIn(purpose) === SIGN);
  const [authenticators] = inside(enforced, USER_AUTH_TYPE);
  const asks = authenticators?.body.some((octet) => octet !== 0) === true;
  return signs && numberIn(origin) === GENERATED && asks;
}

/** RootOfTrust: the phone's boot loader is locked, and started what its maker signed. */
function isLocked(enforced: readonly Element[]): boolean {
  const [rootOfTrust] = inside(enforced, ROOT_OF_TRUST);
  const [, deviceLocked, verifiedBootState] = elementsOf(rootOfTrust?.body ?? Buffer.alloc(0));
  return deviceLocked?.body.toString('hex') === 'ff' && numberIn(verifiedBootState) === VERIFIED;
}

const inside = (elements: readonly Element[], tag: number): Element[] =>
  elementsOf(elements.find((element) => element.tag === tag)?.body ?? Buffer.alloc(0));

/** A small INTEGER or ENUMERATED; -1 for anything else. */
const numberIn = (element: Element | undefined): number =>
  element !== undefined && element.body.length === 1 ? element.body.readInt8(0) : -1;
