import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { pinnedConnector } from './pinned-connector.ts';

type Allowed = (address: string) => boolean;

/**
 * Makes a DNS lookup that refuses addresses that are not allowed. The socket connects to the
 * checked address, so a second DNS answer cannot lead to another address.
 */
const judgedLookup =
  (allowed: Allowed, lookup: LookupFunction): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (cause, found) => {
      if (cause) return callback(cause, '');
      const all = Array.isArray(found) ? found : [];
      const refused = all.find(({ address }) => !allowed(address));
      const [first] = all;
      if (refused || !first)
        return callback(new Error(refusedText(hostname, refused?.address ?? 'nothing')), '');
      if (options.all) return callback(null, all);
      return callback(null, first.address, first.family);
    });
  };

/**
 * Resolves every name below .localhost to this machine, as RFC 6761 requires. The system's resolver
 * looks up all other names.
 */
const loopbackFirst: LookupFunction = (hostname, options, callback) =>
  /\.localhost\.?$/i.test(hostname)
    ? callback(null, [{ address: '127.0.0.1', family: 4 }])
    : systemLookup(hostname, options, callback);

export const refusedText = (hostname: string, address: string) =>
  hostname === address
    ? `${address} is not an address of the public internet, so it was not contacted`
    : `${hostname} leads to ${address}, which is not an address of the public internet, ` +
      'so it was not contacted';

type Guard = {
  lookup?: LookupFunction | undefined;
  certificates?: readonly string[] | undefined;
  /** How long an unused connection stays open, in milliseconds. Default: 1. */
  keepAliveMs?: number;
  /** The most connections to one origin at a time. Further requests wait. Default: 16. */
  connections?: number;
};

/**
 * Makes an agent that opens sockets only to allowed addresses. The agent checks the results of the
 * DNS lookup. A URL with an IP address causes no DNS lookup, so the agent checks such an address
 * before it connects.
 */
export const guardedAgent = (
  allowed: Allowed,
  { lookup = loopbackFirst, certificates = [], keepAliveMs = 1, connections = 16 }: Guard = {},
) => {
  const open = pinnedConnector(certificates, {
    lookup: judgedLookup(allowed, lookup),
    timeout: 5000,
    allowH2: false,
  });
  return new Agent({
    allowH2: false,
    connect: (target, callback) => {
      const refused = refusedAddress(target.hostname, allowed);
      if (refused) callback(new Error(refused), null);
      else open(target, callback);
    },
    connections,
    pipelining: 0,
    keepAliveTimeout: keepAliveMs,
  });
};

/**
 * Returns the reason why the host of a URL is refused, or null. A name is never refused here,
 * because the DNS lookup decides. The URL parser has already converted decimal, octal and
 * hexadecimal forms of an address.
 */
export function refusedAddress(hostname: string, allowed: Allowed): string | null {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) !== 0 && !allowed(address) ? refusedText(address, address) : null;
}
