import { accessTo } from '../lib/access.ts';
import { criticalUrls } from '../lib/critical-urls.ts';
import type { Activities } from '../../domain/contract/activities.ts';
import type { PathReport } from '../../domain/deploy/plan.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { askTwice } from './dependencies.ts';
import type { DriverOf } from '../platforms/driver.ts';
import { probe } from '../lib/probe.ts';

type Deps = { driverOf: DriverOf; ask?: typeof probe };

/**
 * Makes the activity that requests every critical path of the live release and of the previous
 * release. The activity first asks the platform for the address of the previous release. Then it
 * sends all requests at the same time and waits at most 1.5 s. If there is no such address, the
 * result is empty. Throws the failures of the platform, and throws if the activity is cancelled.
 */
export const createPreviousReleaseProbe = ({
  driverOf,
  ask = probe,
}: Deps): Pick<Activities, 'probePreviousRelease'> => ({
  async probePreviousRelease({ target, rollbackTarget, smoke }) {
    const old = await driverOf(target).oldAddress(target, rollbackTarget);
    if (!old) return [];
    const answer = async (url: string, own = {}): Promise<PathReport> => {
      const { ok, status, detail } = await askTwice(url, ask, accessTo(target, own));
      return { url, ok, status, detail };
    };
    const asked = criticalUrls(sitesOf(target), smoke);
    return await Promise.all(
      asked.map(async ({ path, url }) => {
        const { pathname, search } = new URL(url);
        const own = new URL(`${pathname}${search}`, old.url).href;
        const [now, before] = await Promise.all([answer(url), answer(own, old.headers)]);
        return { path, now, before };
      }),
    );
  },
});
