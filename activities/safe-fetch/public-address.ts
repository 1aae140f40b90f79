import { BlockList, isIPv4, isIPv6 } from 'node:net';

const list = (ranges: readonly string[]) => {
  const blocked = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    blocked.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return blocked;
};

/** IANA's special-purpose registry: what no site of the public internet has. */
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
/** Inside 2000::/3: Teredo and others, documentation, 6to4 (which carries any IPv4 address). */
const special6 = list(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/** Cloud metadata services and broken addresses: nobody deploys a site there. */
const never4 = list(['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '100.100.100.200/32']);
const never6 = list(['::/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::/32']);

/** `::ffff:1.2.3.4` is 1.2.3.4 to the kernel; its hexadecimal spelling is the same address. */
function mapped(address: string): string | null {
  const groups = new URL(`http://[${address}]/`).hostname;
  const found = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(groups);
  if (!found) return null;
  const bits = (Number.parseInt(found[1] ?? '', 16) << 16) | Number.parseInt(found[2] ?? '', 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** Plain form: an IPv4 address in IPv6 clothes is the IPv4 address; null = no IP address at all. */
function plain(address: string): string | null {
  if (isIPv4(address)) return address;
  if (!isIPv6(address) || address.includes('%')) return null;
  return mapped(address) ?? address;
}

/** An address of the public internet. Anything that cannot be read is not. */
export function isPublicAddress(address: string): boolean {
  const ip = plain(address);
  if (ip === null) return false;
  if (isIPv4(ip)) return !special4.check(ip);
  return unicast6.check(ip, 'ipv6') && !special6.check(ip, 'ipv6');
}

/** What an operator may have meant when naming the address in the configuration: also private and loopback. */
export function isConfigurableAddress(address: string): boolean {
  const ip = plain(address);
  if (ip === null) return false;
  return isIPv4(ip) ? !never4.check(ip) : !never6.check(ip, 'ipv6');
}
