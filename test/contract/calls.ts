import type { Exchange } from '../../sandbox/http.ts';
import type { VendorCall } from '../../domain/services/call.ts';
import { services } from './schema-source.ts';
import type { ServiceName } from './schema-source.ts';

/** The part of an exchange by which its call is found. */
export type Asked = Pick<Exchange, 'service' | 'method' | 'path' | 'agent'>;

export const isVendor = (name: string): name is ServiceName => name in services;

/** What a stand-in serves beside the vendor's API. A vendor serves it at another host. */
const besides: Partial<Record<ServiceName, RegExp>> = {
  github: /^\/repos\/[^/]+\/[^/]+\/blobs\//,
  vercel: /^\/sso-api$/,
  slack: /^\/(?!api\/)/,
};

/** true: this exchange is no call that Plimsoll makes to the vendor's API. */
export function isBeside({ service, path, agent }: Asked): boolean {
  if (!isVendor(service)) return true;
  // wrangler makes further calls. Its own run verifies them.
  if (service === 'cloudflare' && !agent.startsWith('plimsoll')) return true;
  return besides[service]?.test(path) ?? false;
}

const vendorCall: Record<ServiceName, (asked: Asked) => string> = {
  // GitHub redirects the calls to a renamed repository to its id.
  github: ({ method, path }) =>
    `${method} ${path.replace(/^\/repositories\/\d+/, '/repos/owner/repo')}`,
  vercel: ({ method, path }) => `${method} ${path}`,
  cloudflare: ({ method, path }) => `${method} ${path.replace(/^\/client\/v4/, '')}`,
  northflank: ({ method, path }) => `${method} ${path.replace(/^\/v1\/teams\/[^/]+/, '/v1')}`,
  slack: ({ path }) => path.replace(/^\/api\//, ''),
};

const patternOf = (call: string) =>
  new RegExp(
    `^${call.replaceAll(/[.*+?^$|()[\]\\]/g, String.raw`\$&`).replaceAll(/\{\w+\}/g, '[^/]+')}$`,
  );

/** Returns the row of the call in the table of the vendor; undefined = the table has no such row. */
export function rowOf(asked: Asked): VendorCall | undefined {
  if (!isVendor(asked.service)) return undefined;
  const written = vendorCall[asked.service](asked);
  // A row with fewer placeholders is more exact.
  const found = services[asked.service].calls.filter(({ call }) => patternOf(call).test(written));
  return found.toSorted((a, b) => a.call.split('{').length - b.call.split('{').length)[0];
}
