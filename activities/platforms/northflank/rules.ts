import type { PlaceOn, Problem } from '../module.ts';
import { sharedBy } from '../places.ts';

/** Returns a problem if two environments name the same service. */
export const rules = (places: readonly PlaceOn<'northflank'>[]): Problem[] =>
  sharedBy(places, 'service', {
    keyOf: ({ api, team = '', project, service }) => [api, team, project, service],
    what: ({ project, service }, earlier) =>
      `The service ${project}/${service} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      'Give each environment its own service.',
  });
