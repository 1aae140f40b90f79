import type { VpsHost, VpsTarget } from '../../../domain/plan.ts';
import { targetOn } from '../../../domain/policy/target-on.ts';
import { cancellation } from '../../git/pulse.ts';
import type { OpenHost } from '../../watch/on-host.ts';
import { commands } from '../commands.ts';

const mostLines = 300;

/** A host that does not answer leaves its line of evidence. */
export async function logLines(openHost: OpenHost, target: VpsTarget): Promise<string[]> {
  const lines = await Promise.all(target.hosts.map((host) => linesOf(openHost, target, host)));
  return lines.flat();
}

async function linesOf(openHost: OpenHost, target: VpsTarget, host: VpsHost): Promise<string[]> {
  const signal = cancellation();
  try {
    const session = await openHost(target, host, signal);
    try {
      const { stdout } = await session.run(commands.journal(targetOn(target, host), mostLines));
      return stdout.split('\n').filter(Boolean);
    } finally {
      session.close();
    }
  } catch (failure) {
    if (signal?.aborted) throw failure;
    return [`${host.name}: its log could not be read: ${(failure as Error).message}`];
  }
}
