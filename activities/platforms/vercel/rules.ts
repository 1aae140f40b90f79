import { isOpenLine } from '../../lib/addresses.ts';
import type { PlaceOn, Problem } from '../module.ts';
import { sharedBy, withoutAccessLog } from '../places.ts';

type Places = readonly PlaceOn<'vercel'>[];

/**
 * Returns a problem if two environments name the same project, if `url` is plain http, or if an
 * access log is set.
 */
export const rules = (places: Places): Problem[] => [
  ...sharedBy(places, 'project', {
    keyOf: ({ api, team = '', project }) => [api, team, project],
    what: ({ project }, earlier) =>
      `The Vercel project ${project} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      'Give each environment a project of its own.',
  }),
  ...places.flatMap(encrypted),
  ...withoutAccessLog(places, "It reads Vercel's request counts if the Vercel plan includes them."),
];

const encrypted = ({ path, environment: { url } }: PlaceOn<'vercel'>): Problem[] =>
  isOpenLine(url)
    ? [{ path: [...path, 'url'], what: 'Vercel serves production over https only.\nUse https://.' }]
    : [];
