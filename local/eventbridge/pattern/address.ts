import { BlockList, isIP } from 'node:net';
import type { LeafTest } from './operators.ts';
import { PatternError } from './pattern-error.ts';

/** Tests whether a string is an IP address within a block such as `10.0.0.0/24` or `2001:db8::/32`. */
export function cidrTest(cidr: string): LeafTest {
  const [address = '', bits = '', ...more] = cidr.split('/');
  const version = ipVersion(address);
  if (more.length > 0 || !version || !/^\d{1,3}$/.test(bits)) {
    throw new PatternError(
      `Malformed CIDR "${cidr}": an IP address, one "/" and the mask bits are required`,
    );
  }
  const maximumBits = version === 4 ? 31 : 127;
  if (Number(bits) > maximumBits) {
    throw new PatternError(`IPv${version} mask bits must be < ${maximumBits + 1}`);
  }
  const block = new BlockList();
  block.addSubnet(address, Number(bits), `ipv${version}`);
  return isIn(block, version);
}

/** Addresses match however they are spelled (`::1` and `0:0:0:0:0:0:0:1`); undefined if the text is no address. */
export function sameAddressTest(text: string): LeafTest | undefined {
  const version = ipVersion(text);
  if (!version) return undefined;
  const block = new BlockList();
  block.addAddress(text, `ipv${version}`);
  return isIn(block, version);
}

function isIn(block: BlockList, version: 4 | 6): LeafTest {
  return (value) =>
    typeof value === 'string' &&
    ipVersion(value) === version &&
    block.check(value, `ipv${version}`);
}

function ipVersion(text: string): 4 | 6 | undefined {
  // A zone (`fe80::1%eth0`) names an interface of one machine and is no part of an address in an event.
  const version = text.includes('%') ? 0 : isIP(text);
  return version === 4 || version === 6 ? version : undefined;
}
