import type { Driver, DriverOf } from '../../activities/platforms/driver.ts';
import { createVpsDriver } from '../../activities/platforms/vps/driver.ts';
import type { OpenHost } from '../../activities/watch/on-host.ts';
import type { HostState, Target, VpsTarget } from '../../domain/plan.ts';

/** Of eyes that open when the watch begins. */
export const fromTheBegin = { startedAt: 0, counted: [0, 0] as [number, number] };

type Given = Partial<Driver<VpsTarget>> & {
  openHost?: OpenHost;
  live?: () => Promise<HostState[]>;
};

const nobody = async () => {
  throw new Error('this test opens no host');
};

/** The VPS driver over this `openHost`, each fact replaceable. */
export function onVps({ openHost = nobody, live = async () => [], ...given }: Given): DriverOf {
  const driver = { ...createVpsDriver({ openHost, inspectHosts: live }), ...given };
  return <T extends Target>() => driver as unknown as Driver<T>;
}
