import { splitAddress } from '../../../domain/platforms/vps/address.ts';
import type { VpsEnvironment } from '../../../domain/platforms/vps/schema.ts';
import { hostOfUrl } from '../../lib/addresses.ts';
import type { Endpoint } from '../../lib/addresses.ts';
import type { PlatformModule } from '../module.ts';
import { endpointAt } from '../places.ts';
import { createVps } from './activities.ts';
import { doctor } from './doctor.ts';
import { createVpsDriver } from './driver.ts';
import { rules } from './rules.ts';
import { createOpenHost } from './ssh/on-host.ts';
import { createSshPool } from './ssh/ssh.ts';
import { resolveVps } from './target.ts';

export const vps: PlatformModule<'vps'> = {
  resolveTarget: resolveVps,
  rules,
  endpoints: (environment) => [
    ...environment.hosts.flatMap(hostEndpoints),
    endpointAt('health', environment.health),
  ],
  /**
   * A VPS environment needs no secret. The ssh key is in a file or an agent on the worker's
   * machine.
   */
  secrets: () => [],
  doctor: (places) => doctor(places),
  live: () => [],
  checkWebhook: null,
  connect() {
    const pool = createSshPool();
    const { inspectHosts, ...activities } = createVps({ over: pool.withSsh });
    const openHost = createOpenHost(pool.withSsh);
    const driver = createVpsDriver({ openHost, inspectHosts });
    return { driver, activities, close: pool.close };
  },
};

type Host = VpsEnvironment['hosts'][number];

function hostEndpoints({ address, url, health }: Host, index: number): Endpoint[] {
  const at = (key: string, value: string) => ({
    path: ['hosts', index, key],
    value,
    host: hostOfUrl(value),
  });
  return [
    {
      path: ['hosts', index, 'address'],
      value: address,
      host: splitAddress(address)?.host.toLowerCase() ?? address,
    },
    at('url', url),
    ...(health ? [at('health', health)] : []),
  ];
}
