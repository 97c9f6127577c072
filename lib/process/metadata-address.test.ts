import { expect, test } from 'vitest';
import { isMetadataAddress } from './metadata-address';

/* Where clouds hand out a machine's keys, in every spelling that leads there (T56). */

test.each([
  '169.254.169.254',
  '169.254.0.1',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fe80::1',
  'fe80::a9fe:a9fe%eth0',
  'febf::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::ffff:0:a9fe:a9fe',
  '169.254.170.2',
  'fe80::1%eth0',
  '::169.254.169.254',
  '64:ff9b::169.254.169.254',
  '64:ff9b::6464:64c8',
  '2002:a9fe:a9fe::1',
  '2002:a83f:8110::',
])('%s is one', (address) => expect(isMetadataAddress(address)).toBe(true));

test.each([
  '127.0.0.1',
  '10.0.0.7',
  '192.168.1.1',
  '169.253.255.255',
  '169.255.0.0',
  '100.100.100.201',
  '::1',
  'fd00::1',
  '2001:db8::1',
  'db.example',
  '',
])('%s is none', (address) => expect(isMetadataAddress(address)).toBe(false));
