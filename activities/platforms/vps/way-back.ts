import type { Release, VpsHost, VpsTarget } from '../../../domain/plan.ts';
import { targetOn } from '../../../domain/policy/target-on.ts';
import { cancellation } from '../../git/pulse.ts';
import type { OpenHost } from '../../watch/on-host.ts';
import { commands } from '../commands.ts';

/** Is the release prepared on every host? null = the host did not say. */
export const wayBackOn = (openHost: OpenHost, target: VpsTarget, { sha }: Release) =>
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
