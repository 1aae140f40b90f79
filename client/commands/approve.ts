import { confirmed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { decide } from '../session/decide.ts';

export const listing: Listing = {
  group: 'Decide',
  order: 1,
  summary: 'sign that the waiting deploy may be released',
};

export const verb: Verb = (command, execute) =>
  confirmed(command).action((project, environment, options) =>
    execute((io) => decide(io, 'approve', { project, environment, ...options })),
  );
