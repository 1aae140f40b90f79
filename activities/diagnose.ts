import type { Activities } from '../domain/activities.ts';
import type { Plan } from '../domain/plan.ts';
import { diagnose } from '../domain/policy/incident.ts';
import { sitesOf } from '../domain/policy/sites.ts';
import { pulse } from './git/pulse.ts';
import type { DriverOf } from './platforms/driver.ts';
import { probe } from './probe.ts';
import { criticalUrls } from './smoke.ts';

/**
 * The cause, from the last log lines of the release and from what the site answers now. Best effort: a place
 * that does not answer leaves its line of evidence, never an error.
 */
export const createDiagnose = (deps: { driverOf: DriverOf }): Pick<Activities, 'diagnose'> => ({
  async diagnose({ plan, cause }) {
    return pulse(async () => {
      const [lines, probes] = await Promise.all([
        deps.driverOf(plan.target).lastLines(plan),
        probesOf(plan),
      ]);
      return diagnose([...lines, ...cause.detail.split('\n')], probes);
    });
  },
});

const probesOf = ({ target, smoke }: Plan) =>
  Promise.all(
    criticalUrls(sitesOf(target), smoke).map(async ({ url }) => {
      const { ok, detail } = await probe(url, { timeoutMs: 5000 });
      return { url, ok, detail };
    }),
  );
