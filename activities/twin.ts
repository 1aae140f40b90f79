import type { Activities } from '../domain/activities.ts';
import type { TwinAnswer } from '../domain/plan.ts';
import { sitesOf } from '../domain/policy/sites.ts';
import { askTwice } from './dependencies.ts';
import type { DriverOf } from './platforms/driver.ts';
import { probe } from './probe.ts';
import { criticalUrls } from './smoke.ts';

type Deps = { driverOf: DriverOf; ask?: typeof probe };

/** All at once, within 1.5 s of knowing where; throws what the platform throws, and the reason of a cancel. */
export const createTwin = ({ driverOf, ask = probe }: Deps): Pick<Activities, 'probeTwin'> => ({
  async probeTwin({ target, restoreTo, smoke }) {
    const old = await driverOf(target).oldAddress(target, restoreTo);
    if (!old) return [];
    const answer = async (url: string, headers = {}): Promise<TwinAnswer> => {
      const { ok, status, detail } = await askTwice(url, ask, { headers });
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
