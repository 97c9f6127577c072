import { BlockList, isIP } from 'node:net';

/** IPv4 ranges where a machine asks its cloud for keys: the link, Azure's wire server, Alibaba's and Oracle's. */
const METADATA_V4 = [
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
] as const;

/** The same by IPv6: the link, AWS and Google. */
const METADATA_V6 = [
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
] as const;

const METADATA = new BlockList();
for (const [net, prefix] of METADATA_V6) METADATA.addSubnet(net, prefix, 'ipv6');
for (const [net, prefix] of METADATA_V4) {
  METADATA.addSubnet(net, prefix, 'ipv4');
  // What wraps an IPv4 address leads where its inside does: NAT64, SIIT, IPv4-compatible, 6to4. Mapped ones Node unwraps itself.
  const [high, low] = wordsOf(net);
  METADATA.addSubnet(`64:ff9b::${high}:${low}`, 96 + prefix, 'ipv6');
  METADATA.addSubnet(`::ffff:0:${high}:${low}`, 96 + prefix, 'ipv6');
  METADATA.addSubnet(`::${high}:${low}`, 96 + prefix, 'ipv6');
  METADATA.addSubnet(`2002:${high}:${low}::`, 16 + prefix, 'ipv6');
}

function wordsOf(address: string): readonly [string, string] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

/** Whether an IP address is where clouds hand out their machines' keys: no target lives there, whatever an owner says (T56). */
export function isMetadataAddress(address: string): boolean {
  const [bare = ''] = address.split('%', 1);
  const family = isIP(bare);
  return family !== 0 && METADATA.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
