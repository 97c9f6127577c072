import { type LookupAddress, lookup } from 'node:dns';
import { type LookupFunction, Socket } from 'node:net';
import { DomainError } from '#lib/core';
import { isMetadataAddress } from '#lib/process';

const refusal = (host: string): DomainError =>
  new DomainError('target_refused', `${host} is where a machine asks its cloud for keys. No target lives there.`);

/** Hands the socket the very addresses that were checked. */
const checkedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const [first] = found ?? [];
    if (error !== null || first === undefined) return callback(error ?? new Error('no address'), '', 4);
    if (found.some(({ address }) => isMetadataAddress(address))) return callback(refusal(host), '', 4);
    if (options.all === true) return callback(null, found);
    return callback(null, first.address, first.family);
  });
};

/** A socket of the driver's that sends no packet to where clouds hand out keys, by name or by number. */
export class CheckedSocket extends Socket {
  override connect(...place: unknown[]): this {
    const [port, host] = place as [number, string];
    if (!isMetadataAddress(host)) return super.connect({ port, host, lookup: checkedLookup });
    process.nextTick(() => this.destroy(refusal(host)));
    return this;
  }
}
