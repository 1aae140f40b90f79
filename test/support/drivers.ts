import type { SafeFetch } from '../../activities/lib/safe-fetch/safe-fetch.ts';
import type { Driver, DriverOf } from '../../activities/platforms/driver.ts';
import { createVpsDriver } from '../../activities/platforms/vps/driver.ts';
import type { OpenHost } from '../../activities/platforms/vps/ssh/on-host.ts';
import type { HostState, Target } from '../../domain/deploy/plan.ts';
import type { VpsTarget } from '../../domain/platforms/vps/target.ts';

/** Input for an error source at the start of the watch: nothing is counted yet. */
export const fromTheBegin = { startedAt: 0, counted: [0, 0] as [number, number] };

type Given = Partial<Driver<VpsTarget>> & {
  openHost?: OpenHost;
  live?: () => Promise<HostState[]>;
};

/** A SafeFetch for tests that ask no address outside. */
export const noFetch: SafeFetch = async () => ({
  answered: false,
  why: 'this test has no network',
});

const nobody = async () => {
  throw new Error('this test gave no openHost to onVps, so it cannot open a host');
};

/**
 * The VPS driver that opens hosts with `openHost`. The functions in `given` replace those of the
 * driver.
 */
export function onVps({ openHost = nobody, live = async () => [], ...given }: Given): DriverOf {
  const driver = { ...createVpsDriver({ openHost, inspectHosts: live }), ...given };
  return <T extends Target>() => driver as unknown as Driver<T>;
}
