import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { targetOn } from '../../../domain/platforms/vps/target-on.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { transient } from '../../lib/fail.ts';
import type { ServedBy } from '../driver.ts';
import { commands } from './commands.ts';
import { readFacts } from './facts.ts';
import { runsOnly } from './health-problems.ts';
import type { OpenHost } from './ssh/on-host.ts';

/** Checks on every host that the service, and every process on its ports, runs this commit. */
export async function processesOn(
  openHost: OpenHost,
  target: VpsTarget,
  sha: string,
): Promise<ServedBy> {
  const seen = await Promise.all(target.hosts.map((host) => onHost(openHost, target, host, sha)));
  return {
    problems: seen.flatMap(({ problems }) => problems),
    notChecked: seen.flatMap(({ notChecked }) => notChecked),
  };
}

async function onHost(
  openHost: OpenHost,
  target: VpsTarget,
  host: VpsHost,
  sha: string,
): Promise<ServedBy> {
  const here = targetOn(target, host);
  const session = await openHost(target, host, cancellation());
  try {
    const { code, stdout } = await session.run(commands.inspect(here, here.health));
    if (code !== 0) throw transient(`${host.name}: its processes could not be read`);
    const { problems, notChecked } = runsOnly(readFacts(stdout), { target: here, sha });
    const on = (what: string) => `${host.name}: ${what}`;
    return { problems: problems.map(on), notChecked: notChecked.map(on) };
  } finally {
    session.close();
  }
}
