import type { VpsHost, VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { targetOn } from '../../../../domain/platforms/vps/target-on.ts';
import { orEvidence } from '../../../lib/or-evidence.ts';
import { cancellation } from '../../../lib/temporal-context.ts';
import type { OpenHost } from '../ssh/on-host.ts';
import { commands } from '../commands.ts';

const mostLines = 300;

/**
 * Returns the last 300 log lines of the service from every host. If the log of a host cannot be
 * read, returns one line with the reason for this host.
 */
export async function logLines(openHost: OpenHost, target: VpsTarget): Promise<string[]> {
  const lines = await Promise.all(target.hosts.map((host) => linesOf(openHost, target, host)));
  return lines.flat();
}

async function linesOf(openHost: OpenHost, target: VpsTarget, host: VpsHost): Promise<string[]> {
  const signal = cancellation();
  return await orEvidence(`${host.name}: its log`, async () => {
    const session = await openHost(target, host, signal);
    try {
      const { stdout } = await session.run(commands.journal(targetOn(target, host), mostLines));
      return stdout.split('\n').filter(Boolean);
    } finally {
      session.close();
    }
  });
}
