import type { Activities } from '../domain/activities.ts';
import type { Site, SmokeCheck } from '../domain/plan.ts';
import { sitesOf } from '../domain/policy/sites.ts';
import type { SmokePaths } from '../domain/schema.ts';
import { pulse } from './git/pulse.ts';
import { confirmedProbe } from './probe.ts';
import type { ProbeResult } from './probe.ts';

const names = ['auth', 'payments', 'core'] as const;
export type CriticalUrl = { path: SmokeCheck['path']; host: string; url: string };

/** Every critical path on every site; what is "n/a: reason" is not asked. */
export const criticalUrls = (sites: readonly Site[], smoke: SmokePaths): CriticalUrl[] =>
  names
    .filter((path) => !smoke[path].startsWith('n/a:'))
    .flatMap((path) =>
      sites.map(({ name, url }) => ({ path, host: name, url: at(url, smoke[path]) })),
    );

/** On the origin of the host, whatever the path looks like. */
function at(url: string, path: string): string {
  const { origin } = new URL(url);
  return `${origin}${path}`;
}

type Deps = { ask?: typeof confirmedProbe };

/** Critical paths against what is served, each failure asked twice. Nothing to test is not a pass. */
export const createSmoke = ({ ask = confirmedProbe }: Deps = {}): Pick<Activities, 'runSmoke'> => ({
  async runSmoke({ target, smoke, timing }) {
    const asked = criticalUrls(sitesOf(target), smoke);
    const { confirmMs } = timing;
    const askOne = async (one: CriticalUrl) => ({
      ...one,
      result: await ask(one.url, { confirmMs }),
    });
    const results = await pulse(() => Promise.all(asked.map(askOne)));
    const checks = names.map((path) => checkOf(path, smoke, results));
    const ok = results.length > 0 && checks.every(({ outcome }) => outcome !== 'failed');
    return { ok, checks };
  },
});

function checkOf(
  path: SmokeCheck['path'],
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

const unasked = (path: SmokeCheck['path'], configured: string): SmokeCheck =>
  configured.startsWith('n/a:')
    ? { path, outcome: 'n/a', detail: configured.slice('n/a:'.length).trim() }
    : { path, outcome: 'failed', detail: 'no host to ask' };
