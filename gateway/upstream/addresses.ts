import { lookup as resolve } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { refuse } from '#lib/core';
import { isMetadataAddress } from '#lib/process';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export type Resolve = (host: string) => Promise<readonly Address[]>;

/** The system's resolver, every address it knows. */
export const systemResolve: Resolve = (host) => resolve(host, { all: true, order: 'verbatim' });

/**
 * Whether an address is one of the public internet. Loopback, private, link-local
 * and shared ranges are not, and neither is what wraps an IPv4 address in an
 * IPv6 one: 6to4, Teredo, NAT64 and `::127.0.0.1` lead wherever their inside
 * does (T56). Of IPv6 only 2000::/3 is given out for the world.
 */
export function isPublic(address: string): boolean {
  // `::8.8.8.8` is read here as the IPv4 address, by the socket as an IPv6 one.
  if (!ipaddr.isValid(address) || /%|^::\d+\./.test(address) || isMetadataAddress(address)) return false;
  const ip = ipaddr.process(address);
  return ip.range() === 'unicast' && (ip instanceof ipaddr.IPv4 || ((ip.parts[0] ?? 0) & 0xe000) === 0x2000);
}

function refuseAddress(host: string, address: string, privateNetwork: boolean): void {
  if (isMetadataAddress(address))
    refuse('target_refused', `${host} is where a machine asks its cloud for keys. No target lives there.`);
  if (!privateNetwork && !isPublic(address))
    refuse(
      'target_refused',
      `${host} is not on the public internet. If this target lives in your own network, an owner has to say so when adding it.`,
    );
}

/**
 * Checks a host and hands the socket the very addresses that were checked: nobody
 * resolves a second time, so a name that changes its mind changes nothing (T57).
 * Kept until `forget`, which a broken connection calls.
 */
export function pinnedLookup(parts: { readonly privateNetwork: boolean; readonly resolve: Resolve }) {
  let pinned: Promise<readonly Address[]> | null = null;

  async function checked(host: string): Promise<readonly Address[]> {
    const found = await parts.resolve(host);
    if (found.length === 0) throw new Error('no address');
    for (const { address } of found) refuseAddress(host, address, parts.privateNetwork);
    return found;
  }

  const lookup: LookupFunction = (host, options, callback) => {
    pinned ??= checked(host);
    pinned.then(
      (found) => {
        const [first] = found;
        if (options.all === true)
          callback(
            null,
            found.map((one) => ({ ...one })),
          );
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => {
        pinned = null;
        callback(error, '', 4);
      },
    );
  };
  const forget = (): void => {
    pinned = null;
  };
  return { lookup, forget };
}

/** A literal address is never looked up, so it is checked here; a name later, when it is. */
export function refuseLiteral(hostname: string, privateNetwork: boolean): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host)) refuseAddress(host, host, privateNetwork);
}

/** Plain http is for what never leaves the house. */
export function refusePlainHttp({ protocol, hostname }: URL, privateNetwork: boolean): void {
  if (protocol === 'https:') return;
  const host = hostname.replace(/^\[|\]$/g, '');
  const inside = host === 'localhost' || (ipaddr.isValid(host) && !isPublic(host)) || !host.includes('.');
  if (!privateNetwork || !inside)
    refuse(
      'target_refused',
      'Use https. Plain http is only for a target inside your own network, by its address there.',
    );
}
