import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../../domain/contract/activities.ts';
import type { Release, ServedProof, SmokeCheck, Target, Timing } from '../../domain/deploy/plan.ts';
import { usualStartUpMs } from '../../domain/deploy/timing.ts';
import { healthOf, sitesOf } from '../../domain/platforms/sites.ts';
import { serves } from '../../domain/rollback/serves.ts';
import { short } from '../../domain/messages/parts/served.ts';
import { accessTo } from '../lib/access.ts';
import { criticalUrls } from '../lib/critical-urls.ts';
import { askRepeatedly } from '../lib/ask-repeatedly.ts';
import type { Question } from '../lib/ask-repeatedly.ts';
import { orAborted } from '../lib/or-aborted.ts';
import { cancellation, withHeartbeat } from '../lib/temporal-context.ts';
import type { DriverOf, ServedBy } from '../platforms/driver.ts';
import { steadyNow } from '../lib/clocks.ts';

/**
 * `leastMs` is the shortest time limit of the requests (default: 10 s). `readMs` is the longest
 * time of one read of the places (default: 25 s).
 */
type Deps = { driverOf: DriverOf; leastMs?: number; readMs?: number };

/**
 * The time limit of the requests after a rollback, in milliseconds. With the last read of the
 * hosts, the proof takes at most 2 minutes.
 */
const afterRollbackMs = 90_000;
const longestReadMs = 25_000;
/**
 * The shortest time limit of the requests, in milliseconds. A sandbox shortens times, but a service
 * needs some seconds to start.
 */
const shortestMs = 10_000;

const paceOf = (target: Target, { confirmMs }: Timing, until: number) => ({
  pauseMs: Math.ceil(confirmMs / 2),
  confirmMs,
  until,
  signal: cancellation(),
  access: accessTo(target),
});

/**
 * Makes the activity that runs after a rollback and proves which release customers get. Throws only
 * if the activity is cancelled, or if the worker lacks a variable that the probes need.
 */
export const createProof = ({
  driverOf,
  leastMs = shortestMs,
  readMs = longestReadMs,
}: Deps): Pick<Activities, 'proveServed'> => ({
  proveServed: ({ deploy, target, release, smoke, timing }) =>
    withHeartbeat(async (signal): Promise<ServedProof> => {
      const until = steadyNow() + Math.max(leastMs, afterRollbackMs / timing.scale);
      // An older release may have no version path. So a missing answer is accepted here. An answer
      // with the failed commit is a problem.
      const asked = versionOf(target, notNaming(deploy.sha));
      const taken = asked.map((question) => ({ ...question, only2xx: false }));
      const critical = criticalUrls(sitesOf(target), smoke).map(({ path, host, url }) => ({
        what: path,
        ...{ host, url },
      }));
      const questions = [
        ...healthQuestions(target),
        ...critical,
        ...(release.sha === deploy.sha ? [] : taken),
      ];
      const answers = await askRepeatedly(questions, paceOf(target, timing, until));
      const problems = answers.flatMap(({ problem }) => problem ?? []);
      const read = () => readHosts(driverOf, { target, release, signal, readMs });
      const patience = problems.length === 0 ? until : 0;
      const hosts = await settled(read, { until: patience, pauseMs: timing.confirmMs, signal });
      const requests = answers.reduce((sum, one) => sum + one.requests, 0);
      return { requests, ...hosts, problems: [...problems, ...hosts.problems] };
    }),
});

/**
 * Proves that every new connection reaches the commit of the new release, at every site. Waits at
 * most a minute, because a change reaches the places of an edge network one after the other. The
 * time for the start of the service is not part of this minute.
 */
export async function reachesOnly(
  driverOf: DriverOf,
  { target, sha, timing }: { target: Target; sha: string; timing: Timing },
): Promise<SmokeCheck> {
  const signal = cancellation();
  const until = steadyNow() + Math.min(timing.startUpMs, usualStartUpMs);
  const questions = [...healthQuestions(target), ...versionOf(target, naming(sha))];
  const answers = await askRepeatedly(questions, paceOf(target, timing, until));
  const wrong = answers.flatMap(({ problem }) => problem ?? []);
  const { problems, notChecked } = await orProblem({ signal, readMs: longestReadMs }, () =>
    driverOf(target).processes(target, sha),
  );
  const all = [...wrong, ...problems];
  if (all.length > 0) return { path: 'release', outcome: 'failed', detail: all.join('; ') };
  const requests = answers.reduce((sum, one) => sum + one.requests, 0);
  if (requests === 0) return { path: 'release', outcome: 'failed', detail: nothingAsked };
  const named = target.version !== null;
  const unknown = [...(named ? [] : ['no version path is configured']), ...notChecked];
  const rest = unknown.length > 0 ? `; not checked: ${unknown.join('; ')}` : '';
  const detail = `${requests} new connections answered ${named ? `as ${short(sha)}` : '2xx'}${rest}`;
  return { path: 'release', outcome: 'ok', detail };
}

const nothingAsked =
  'no address of the release is known, so no request was made. Check url in plimsoll.yaml';

const healthQuestions = (target: Target): Question[] =>
  healthOf(target).map(({ name, url }) => ({ what: 'health', host: name, url }));

const versionOf = (target: Target, against: (body: string) => string | null): Question[] => {
  const { version } = target;
  if (version === null) return [];
  return sitesOf(target).map(({ name, url }) => ({
    what: 'version',
    host: name,
    url: new URL(version, url).href,
    against,
  }));
};

const naming = (sha: string) => (body: string) =>
  body.includes(sha) ? null : `it does not name ${short(sha)}`;
const notNaming = (sha: string) => (body: string) =>
  body.includes(sha) ? `it still names ${short(sha)}` : null;

/**
 * Reads the hosts at least once, until there is no problem. After the time `until`, no new read
 * begins.
 */
async function settled(
  read: () => Promise<ServedBy>,
  { until, pauseMs, signal }: { until: number; pauseMs: number; signal: AbortSignal },
): Promise<ServedBy> {
  for (;;) {
    const seen = await read();
    if (seen.problems.length === 0 || steadyNow() >= until) return seen;
    await sleep(pauseMs, undefined, { signal });
  }
}

type Reading = { target: Target; release: Release; signal: AbortSignal; readMs: number };

const readHosts = (
  driverOf: DriverOf,
  { target, release, signal, readMs }: Reading,
): Promise<ServedBy> =>
  orProblem({ signal, readMs }, async () => {
    const driver = driverOf(target);
    const [states, seen] = await Promise.all([
      driver.inspect(target),
      driver.processes(target, release.sha),
    ]);
    const wrong = states.flatMap((state) => {
      if (!serves(state, release))
        return [`${state.host}: ${short(release.sha)} is not live any more`];
      return state.healthy ? [] : [`${state.host}: the platform reports that it is not healthy`];
    });
    return { ...seen, problems: [...wrong, ...seen.problems] };
  });

/**
 * Reads a place. If the place cannot be read in time, returns a problem, because nothing is proven
 * then.
 */
async function orProblem(
  { signal, readMs }: { signal: AbortSignal | undefined; readMs: number },
  read: () => Promise<ServedBy>,
): Promise<ServedBy> {
  const late = AbortSignal.timeout(readMs);
  try {
    return await orAborted(read(), late);
  } catch (cause) {
    signal?.throwIfAborted();
    const why = late.aborted
      ? `the platform did not answer within ${readMs / 1000} s`
      : (cause as Error).message;
    return { problems: [`not proven: ${why}`], notChecked: [] };
  }
}
