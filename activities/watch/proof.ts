import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../../domain/contract/activities.ts';
import type { Release, ServedProof, SmokeCheck, Target, Timing } from '../../domain/deploy/plan.ts';
import { healthOf, sitesOf } from '../../domain/platforms/sites.ts';
import { serves } from '../../domain/rollback/serves.ts';
import { short } from '../../domain/messages/parts/served.ts';
import { criticalUrls } from '../lib/critical-urls.ts';
import { askRepeatedly } from '../lib/ask-repeatedly.ts';
import type { Question } from '../lib/ask-repeatedly.ts';
import { cancellation, withHeartbeat } from '../lib/temporal-context.ts';
import type { DriverOf, ServedBy } from '../platforms/driver.ts';

/** `leastMs` is the shortest time limit of the requests. Default: 10 s. */
type Deps = { driverOf: DriverOf; leastMs?: number };

/**
 * The time limit of the requests after a rollback, in milliseconds. With the last read of the
 * hosts, the proof takes at most 2 minutes.
 */
const afterRollbackMs = 90_000;
/** The shortest time limit, also in a sandbox, because a service needs some seconds to start. */
const shortestMs = 10_000;

const paceOf = ({ confirmMs }: Timing, until: number) => ({
  pauseMs: Math.ceil(confirmMs / 2),
  confirmMs,
  until,
  signal: cancellation(),
});

/**
 * Makes the activity that proves, after a rollback, which release customers get. Throws only if the
 * activity is cancelled.
 */
export const createProof = ({
  driverOf,
  leastMs = shortestMs,
}: Deps): Pick<Activities, 'proveServed'> => ({
  proveServed: ({ deploy, target, release, smoke, timing }) =>
    withHeartbeat(async (signal): Promise<ServedProof> => {
      const until = Date.now() + Math.max(leastMs, afterRollbackMs / timing.scale);
      // An older release may have no version path. So a missing answer is right here, but an answer
      // with the failed commit is wrong.
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
      const answers = await askRepeatedly(questions, paceOf(timing, until));
      const problems = answers.flatMap(({ problem }) => problem ?? []);
      const look = () => readHosts(driverOf, target, release, signal);
      const patience = problems.length === 0 ? until : 0;
      const hosts = await settled(look, { until: patience, pauseMs: timing.confirmMs, signal });
      const requests = answers.reduce((sum, one) => sum + one.requests, 0);
      return { requests, ...hosts, problems: [...problems, ...hosts.problems] };
    }),
});

/**
 * Proves, for a new release, that every new connection reaches this commit at every site. Waits at
 * most `startUpMs`, because an edge network changes step by step. The detail of the result names
 * everything that could not be checked, such as a missing version path.
 */
export async function reachesOnly(
  driverOf: DriverOf,
  { target, sha, timing }: { target: Target; sha: string; timing: Timing },
): Promise<SmokeCheck> {
  const signal = cancellation();
  const until = Date.now() + timing.startUpMs;
  const questions = [...healthQuestions(target), ...versionOf(target, naming(sha))];
  const answers = await askRepeatedly(questions, paceOf(timing, until));
  const wrong = answers.flatMap(({ problem }) => problem ?? []);
  const { problems, notChecked } = await orProblem(
    () => driverOf(target).processes(target, sha),
    signal,
  );
  const all = [...wrong, ...problems];
  if (all.length > 0) return { path: 'release', outcome: 'failed', detail: all.join('; ') };
  const requests = answers.reduce((sum, one) => sum + one.requests, 0);
  const unknown = [
    ...(target.version === null ? ['no version path is configured'] : []),
    ...notChecked,
  ];
  const rest = unknown.length > 0 ? `; not checked: ${unknown.join('; ')}` : '';
  const detail = `${requests} new connections answered as ${short(sha)}${rest}`;
  return { path: 'release', outcome: 'ok', detail };
}

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

/** Reads the hosts until there is no problem, at least once. After `until`, does not read again. */
async function settled(
  look: () => Promise<ServedBy>,
  { until, pauseMs, signal }: { until: number; pauseMs: number; signal: AbortSignal },
): Promise<ServedBy> {
  for (;;) {
    const seen = await look();
    if (seen.problems.length === 0 || Date.now() >= until) return seen;
    await sleep(pauseMs, undefined, { signal });
  }
}

const readHosts = (
  driverOf: DriverOf,
  target: Target,
  release: Release,
  signal: AbortSignal,
): Promise<ServedBy> =>
  orProblem(async () => {
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
  }, signal);

/**
 * Calls `read`. If `read` fails, returns the reason as a problem, because nothing is proven then.
 */
async function orProblem(
  read: () => Promise<ServedBy>,
  signal: AbortSignal | undefined,
): Promise<ServedBy> {
  try {
    return await read();
  } catch (cause) {
    signal?.throwIfAborted();
    return { problems: [`not proven: ${(cause as Error).message}`], notChecked: [] };
  }
}
