import type { Release } from '../../../domain/deploy/plan.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { targetOn } from '../../../domain/platforms/vps/target-on.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import type { OpenHost } from './ssh/on-host.ts';
import { commands } from './commands.ts';

/**
 * Checks on every host whether the release is prepared. `present` is null if the host could not
 * list its releases.
 */
export const rollbackReadyOn = (openHost: OpenHost, target: VpsTarget, { sha }: Release) =>
  Promise.all(target.hosts.map((host) => onHost(openHost, { target, host, sha })));

type Asked = { target: VpsTarget; host: VpsHost; sha: string };

async function onHost(openHost: OpenHost, { target, host, sha }: Asked) {
  const session = await openHost(target, host, cancellation());
  try {
    const { code, stdout } = await session.run(commands.releases(targetOn(target, host)));
    const there = stdout.split('\n').includes(`release=${sha}`);
    return { host: host.name, present: code === 0 ? there : null };
  } finally {
    session.close();
  }
}
