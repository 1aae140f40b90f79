import { decided } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { decide } from '../session/decide.ts';

export const listing: Listing = {
  group: 'Decide',
  order: 2,
  summary: 'sign to reject the waiting deploy, or to roll back a deploy that waits for a decision',
};

export const verb: Verb = (command, execute) =>
  decided(command).action((project, environment, options) =>
    execute((io) => decide(io, 'reject', { project, environment, ...options })),
  );
