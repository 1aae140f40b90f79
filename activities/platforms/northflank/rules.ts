import type { PlaceOn, Problem } from '../module.ts';
import { readableAccessLog, sharedBy } from '../places.ts';
import { patternOf } from './api/log-reading.ts';

type Places = readonly PlaceOn<'northflank'>[];

export const rules = (places: Places): Problem[] => [
  ...servicesOfTheirOwn(places),
  ...readableAccessLog(
    places,
    (pattern) => patternOf(pattern) !== undefined,
    "Use a regular expression of JavaScript that is not empty, such as '^GET '.",
  ),
];

/** Returns a problem if two environments name the same service. */
const servicesOfTheirOwn = (places: Places): Problem[] =>
  sharedBy(places, 'service', {
    keyOf: ({ api, team = '', project, service }) => [api, team, project, service],
    what: ({ project, service }, earlier) =>
      `The service ${project}/${service} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      'Give each environment its own service.',
  });
