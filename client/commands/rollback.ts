import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { order } from '../session/order.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 1,
  summary: 'roll the release back now; needs no signature',
};

export const verb: Verb = (command, execute) =>
  signed(about(command)).action((project, environment, options) =>
    execute((io) => order(io, 'rollback', { project, environment, ...options })),
  );
