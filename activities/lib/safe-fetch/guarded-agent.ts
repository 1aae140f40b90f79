import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { pinnedConnector } from './pinned-connector.ts';

type Allowed = (address: string) => boolean;

/**
 * Makes a DNS lookup that refuses addresses that are not allowed. The socket connects to the
 * checked address. So a second DNS answer cannot lead to another address.
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

type Guard = { lookup?: LookupFunction | undefined; certificates?: readonly string[] | undefined };

/**
 * Makes an agent that opens sockets only to allowed addresses. The agent checks addresses in the
 * DNS lookup. A URL with an IP address causes no DNS lookup, so the caller must check such a URL
 * first.
 */
export const guardedAgent = (
  allowed: Allowed,
  { lookup = loopbackFirst, certificates = [] }: Guard,
) =>
  new Agent({
    connect: pinnedConnector(certificates, {
      lookup: judgedLookup(allowed, lookup),
      timeout: 5000,
    }),
    connections: 16,
    pipelining: 0,
    keepAliveTimeout: 1,
  });
