import { accessTo } from '../lib/access.ts';
import { criticalUrls } from '../lib/critical-urls.ts';
import type { Activities } from '../../domain/contract/activities.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import { diagnose } from '../../domain/incident/incident.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import type { DriverOf } from '../platforms/driver.ts';
import { probe } from '../lib/probe.ts';

/**
 * Makes the activity that finds the likely cause of a failed deploy. The activity reads the last
 * log lines of the release and requests the critical paths of the site. A host that does not answer
 * is evidence for the diagnosis, not an error.
 */
export const createDiagnose = (deps: { driverOf: DriverOf }): Pick<Activities, 'diagnose'> => ({
  async diagnose({ plan, cause }) {
    return withHeartbeat(async () => {
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
      const { ok, detail } = await probe(url, { timeoutMs: 5000, ...accessTo(target) });
      return { url, ok, detail };
    }),
  );
