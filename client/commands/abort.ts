import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { order } from '../session/order.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 2,
  summary: 'end the deploy; a release that reached production is rolled back',
};

export const verb: Verb = (command, execute) =>
  signed(about(command)).action((project, environment, options) =>
    execute((io) => order(io, 'abort', { project, environment, ...options })),
  );
