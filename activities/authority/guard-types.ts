import type { Config } from '../../domain/config/config.ts';
import type { HostState, Target } from '../../domain/deploy/plan.ts';
import type { Seals } from '../lib/seals.ts';
import type { ForwardDeps } from './forward.ts';
import type { LoudDeps } from './loud.ts';

export type GuardDeps = ForwardDeps &
  Pick<LoudDeps, 'page' | 'notify'> & {
    config: () => Config;
    seals: Seals;
    /** Reads what every host of a target serves now. */
    inspectHosts: (input: { target: Target }) => Promise<HostState[]>;
  };

export type Input = Record<string, unknown>;
export type Work = (input: Input) => Promise<unknown>;
/** Runs `work` if the input can be trusted. If not, throws a final failure of type 'refused'. */
export type Guard = (
  deps: GuardDeps,
  call: { name: string; input: Input; work: Work },
) => Promise<unknown>;
