import { BlockList, isIPv4, isIPv6 } from 'node:net';

const list = (ranges: readonly string[]) => {
  const blocked = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    blocked.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return blocked;
};

/** Ranges of IANA's special-purpose registry. No public site has an address in these ranges. */
const special4 = list([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);
const unicast6 = list(['2000::/3']);
/**
 * Special ranges inside 2000::/3: Teredo, documentation and 6to4. A 6to4 address can contain any
 * IPv4 address.
 */
const special6 = list(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/**
 * Ranges that Plimsoll refuses even if an operator configures them: cloud metadata services, and
 * link-local, multicast and unspecified addresses.
 */
const never4 = list([
  ...['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '192.0.0.192/32'],
  ...['100.100.100.200/32', '168.63.129.16/32'],
]);
/**
 * The last ranges contain an IPv4 address that a network may use: IPv4-compatible, IPv4-translated,
 * local NAT64, Teredo and 6to4 addresses. No service needs such an address.
 */
const never6 = list([
  ...['::/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::/32'],
  ...['::/96', '::ffff:0:0:0/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'],
]);
const loopback6 = list(['::1/128']);

/**
 * Matches an IPv6 address with an IPv4 address in its last 32 bits. It is a mapped address, or an
 * address of the public NAT64.
 */
const withIPv4 = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;
/** The short form of a NAT64 address whose IPv4 address begins with 0.0. */
const shortNat64 = /^\[64:ff9b::([0-9a-f]{0,4})\]$/;

/**
 * Returns the IPv4 address in an IPv6 address such as `::ffff:1.2.3.4` or `64:ff9b::1.2.3.4`, or
 * null. A connection to such an IPv6 address ends at the IPv4 address. For a mapped address, the
 * kernel makes this connection. For an address of NAT64, the network makes it.
 */
function inside(address: string): string | null {
  const groups = new URL(`http://[${address}]/`).hostname;
  const [, high, low] = withIPv4.exec(groups) ?? [];
  const [, only] = shortNat64.exec(groups) ?? [];
  if (low === undefined && only === undefined) return null;
  const number = (group = '') => Number.parseInt(group || '0', 16);
  const bits = (number(high) << 16) | number(low ?? only);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/**
 * Returns the address to check, or null if the text is not an IP address. For an IPv6 address that
 * leads to an IPv4 address, returns the IPv4 address.
 */
function plain(address: string): string | null {
  if (isIPv4(address)) return address;
  if (!isIPv6(address) || address.includes('%')) return null;
  return inside(address) ?? address;
}

/** True for an address of the public internet. False for a text that is not an IP address. */
export function isPublicAddress(address: string): boolean {
  const ip = plain(address);
  if (ip === null) return false;
  if (isIPv4(ip)) return !special4.check(ip);
  return unicast6.check(ip, 'ipv6') && !special6.check(ip, 'ipv6');
}

/** True for an address that an operator may configure, also for a private or loopback address. */
export function isConfigurableAddress(address: string): boolean {
  const ip = plain(address);
  if (ip === null) return false;
  if (isIPv4(ip)) return !never4.check(ip);
  return loopback6.check(ip, 'ipv6') || !never6.check(ip, 'ipv6');
}
