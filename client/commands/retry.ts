import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { order } from '../session/order.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 3,
  summary: 'try the stuck step again',
};

export const verb: Verb = (command, execute) =>
  signed(about(command)).action((project, environment, options) =>
    execute((io) => order(io, 'retry', { project, environment, ...options })),
  );
