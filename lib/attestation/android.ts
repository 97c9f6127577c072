import type { X509Certificate } from 'node:crypto';
import { type Element, elementsOf, extensionOf } from './der';

/** 1.3.6.1.4.1.11129.2.1.17, key attestation. */
const KEY_DESCRIPTION = '2b06010401d679020111';
/** 2.5.29.31. The library would fetch the list from the address in it, which a stranger may have chosen. */
const CRL_DISTRIBUTION_POINTS = '551d1f';

/** Places in KeyDescription (source.android.com, “Key and ID attestation”). */
const SECURITY_LEVELS = [1, 3];
const HARDWARE_ENFORCED = 7;
const SOFTWARE = 0;

const PURPOSE = 0xa1;
const ORIGIN = 0xbf853e;
const SIGN = 2;
const GENERATED = 0;

/**
 * Whether the phone's hardware says that it made this key, for signing. Phones
 * certify keys that were imported as well (WebAuthn §8.4 asks for `origin`, which
 * the library does not look at), and keys of software.
 */
export function isMadeInAndroid(leaf: X509Certificate): boolean {
  try {
    if (extensionOf(leaf, CRL_DISTRIBUTION_POINTS) !== null) return false;
    const [description] = elementsOf(extensionOf(leaf, KEY_DESCRIPTION) ?? Buffer.alloc(0));
    const parts = elementsOf(description?.body ?? Buffer.alloc(0));
    const inHardware = SECURITY_LEVELS.every((at) => numberIn(parts[at]) > SOFTWARE);
    const enforced = elementsOf(parts[HARDWARE_ENFORCED]?.body ?? Buffer.alloc(0));
    const [origin] = inside(enforced, ORIGIN);
    const [purposes] = inside(enforced, PURPOSE);
    const signs = elementsOf(purposes?.body ?? Buffer.alloc(0)).some((purpose) => numberIn(purpose) === SIGN);
    return inHardware && signs && numberIn(origin) === GENERATED;
  } catch {
    return false;
  }
}

const inside = (elements: readonly Element[], tag: number): Element[] =>
  elementsOf(elements.find((element) => element.tag === tag)?.body ?? Buffer.alloc(0));

/** A small INTEGER or ENUMERATED; -1 for anything else. */
const numberIn = (element: Element | undefined): number =>
  element !== undefined && element.body.length === 1 ? element.body.readInt8(0) : -1;
