import { confirmed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { decide } from '../session/decide.ts';

export const listing: Listing = {
  group: 'Decide',
  order: 3,
  summary: 'sign that a release stays although it was not proven healthy',
};

export const verb: Verb = (command, execute) =>
  confirmed(command).action((project, environment, options) =>
    execute((io) => decide(io, 'keep', { project, environment, ...options })),
  );
