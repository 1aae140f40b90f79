import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';

type Allowed = (address: string) => boolean;

/** The address is judged when the socket is made: a name that answers twice cannot change its mind between. */
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

/** RFC 6761: a name below .localhost is this machine, whatever the system's resolver knows of it. */
const loopbackFirst: LookupFunction = (hostname, options, callback) =>
  /\.localhost\.?$/i.test(hostname)
    ? callback(null, [{ address: '127.0.0.1', family: 4 }])
    : systemLookup(hostname, options, callback);

export const refusedText = (hostname: string, address: string) =>
  hostname === address
    ? `${address} is not an address of the public internet: never contacted`
    : `${hostname} leads to ${address}, which is not an address of the public internet: never contacted`;

/** Sockets to allowed addresses only. An address literal needs no lookup: judge it before. */
export const guardedAgent = (allowed: Allowed, lookup: LookupFunction = loopbackFirst) =>
  new Agent({
    connect: { lookup: judgedLookup(allowed, lookup), timeout: 5000 },
    connections: 16,
    pipelining: 0,
    keepAliveTimeout: 1,
  });
