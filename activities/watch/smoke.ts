import { accessTo } from '../lib/access.ts';
import type { CriticalUrl } from '../lib/critical-urls.ts';
import { criticalUrls, pathNames } from '../lib/critical-urls.ts';
import type { Activities } from '../../domain/contract/activities.ts';
import type { SmokeCheck, SmokePaths } from '../../domain/deploy/plan.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { confirmedProbe } from '../lib/probe.ts';
import type { ProbeResult } from '../lib/probe.ts';
import type { DriverOf } from '../platforms/driver.ts';
import { reachesOnly } from './proof.ts';

type Deps = { driverOf: DriverOf; ask?: typeof confirmedProbe };

/**
 * Makes the activity that requests the critical paths of the live release. A path fails only if two
 * requests to the path fail. If there is no path to request, the result is a failure. After the
 * paths, the activity proves that every new connection reaches this release.
 */
export const createSmoke = ({
  driverOf,
  ask = confirmedProbe,
}: Deps): Pick<Activities, 'runSmoke'> => ({
  async runSmoke({ deploy, target, smoke, timing }) {
    const asked = criticalUrls(sitesOf(target), smoke);
    const { confirmMs } = timing;
    const access = accessTo(target);
    const askOne = async (one: CriticalUrl) => ({
      ...one,
      result: await ask(one.url, { confirmMs, ...access }),
    });
    return await withHeartbeat(async () => {
      const results = await Promise.all(asked.map(askOne));
      const paths = pathNames.map((path) => checkOf(path, smoke, results));
      const isBad = results.length === 0 || paths.some(({ outcome }) => outcome === 'failed');
      // The workflow rolls a failed release back at once, so further checks would only take time.
      if (isBad) return { ok: false, checks: paths };
      const release = await reachesOnly(driverOf, { target, sha: deploy.sha, timing });
      return { ok: release.outcome === 'ok', checks: [...paths, release] };
    });
  },
});

function checkOf(
  path: CriticalUrl['path'],
  smoke: SmokePaths,
  results: (CriticalUrl & { result: ProbeResult })[],
): SmokeCheck {
  const ours = results.filter((one) => one.path === path);
  if (ours.length === 0) return unasked(path, smoke[path]);
  const failed = ours.filter(({ result }) => !result.ok);
  if (failed.length === 0) {
    const slowest = Math.max(...ours.map(({ result }) => result.ms));
    const where = ours.length === 1 ? ours[0]?.host : `${ours.length} hosts`;
    return { path, outcome: 'ok', detail: `2xx on ${where}, slowest ${slowest} ms` };
  }
  const detail = failed.map(({ host, url, result }) => `${host}: ${url}: ${result.detail}`);
  return { path, outcome: 'failed', detail: detail.join('; ') };
}

const unasked = (path: CriticalUrl['path'], configured: string): SmokeCheck =>
  configured.startsWith('n/a:')
    ? { path, outcome: 'n/a', detail: configured.slice('n/a:'.length).trim() }
    : { path, outcome: 'failed', detail: 'no host is configured' };
