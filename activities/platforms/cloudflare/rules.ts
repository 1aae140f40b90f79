import { isOpenLine } from '../../lib/addresses.ts';
import type { PlaceOn, Problem } from '../module.ts';
import { sharedBy, withoutAccessLog } from '../places.ts';

type Places = readonly PlaceOn<'cloudflare'>[];

/**
 * Returns a problem if two environments name the same Worker, if an address is plain http, or if an
 * access log is set.
 */
export const rules = (places: Places): Problem[] => [
  ...sharedBy(places, 'worker', {
    keyOf: ({ api, account, worker }) => [api, account, worker],
    what: ({ worker }, earlier) =>
      `The worker ${worker} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      'Give each environment a worker of its own.',
  }),
  ...places.flatMap(encrypted),
  ...withoutAccessLog(places, "It reads Cloudflare's analytics instead."),
];

/** Returns the preview address of an example version. */
export const ofSome = (preview: string) => preview.replace('{version}', '00000000');

const whys = {
  url: 'Cloudflare serves production over https.\nUse https://.',
  preview: 'Cloudflare serves the addresses of versions over https.\nUse https://.',
};

const encrypted = ({ path, environment }: PlaceOn<'cloudflare'>): Problem[] =>
  (['url', 'preview'] as const).flatMap((key) => {
    const address = environment[key];
    if (address === undefined || !isOpenLine(ofSome(address))) return [];
    return [{ path: [...path, key], what: whys[key] }];
  });
