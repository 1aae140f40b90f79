import { targetOn } from '../domain/policy/target-on.ts';
import type { Activities } from '../domain/activities.ts';
import type { Plan, VpsHost } from '../domain/plan.ts';
import { diagnose } from '../domain/policy/incident.ts';
import { cancellation, pulse } from './git/pulse.ts';
import { commands } from './platforms/commands.ts';
import { probe } from './probe.ts';
import { criticalUrls } from './smoke.ts';
import type { OpenHost } from './watch/on-host.ts';

const mostLines = 300;

/**
 * The cause, from the last log lines of every host and from what the site answers now. Best effort: a host
 * that does not answer leaves its line of evidence, never an error.
 */
export const createDiagnose = (deps: { openHost: OpenHost }): Pick<Activities, 'diagnose'> => ({
  async diagnose({ plan, cause }) {
    return pulse(async () => {
      const { hosts } = plan.target;
      const [logs, probes] = await Promise.all([
        Promise.all(hosts.map((host) => linesOf(deps.openHost, plan, host))),
        probesOf(plan),
      ]);
      return diagnose([...logs.flat(), cause.detail], probes);
    });
  },
});

async function linesOf(openHost: OpenHost, { target }: Plan, host: VpsHost): Promise<string[]> {
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

const probesOf = ({ target, smoke }: Plan) =>
  Promise.all(
    criticalUrls(target.hosts, smoke).map(async ({ url }) => {
      const { ok, detail } = await probe(url, { timeoutMs: 5000 });
      return { url, ok, detail };
    }),
  );
