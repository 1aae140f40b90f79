import { failures } from '../../../domain/deploy/failures.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import { final } from '../../lib/fail.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import type { Reach } from './connect.ts';
import { pollUntil } from './poll.ts';
import { inside, problems } from './problems.ts';
import type { Wanted } from './problems.ts';
import { nameOf, orGone, see } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { readStartUp } from './start-up-log.ts';
import type { StartUpLog } from './start-up-log.ts';
import { steadyNow } from '../../lib/clocks.ts';

export type Proving = {
  reach: Reach;
  target: NorthflankTarget;
  wanted: Wanted;
  /** The service whose builds are deployed. */
  from: string;
  /** Time limit for rollout and health, in milliseconds. */
  timeLimitMs: number;
};

/** The number of API calls of one read. */
const callsOfARead = 4;

/**
 * Waits until two reads in a row show that the build is live. One read is not enough, because an
 * answer of the API may be old. Throws a final failure if the rollout fails, or if the build is not
 * healthy in time. The type is 'rejectedByPlatform' if no container ever ran. The type is
 * 'unhealthyRollback' if the rollback target runs and fails only the checks from outside. In all
 * other cases, the type is 'unhealthyRelease'.
 */
export async function proveLive(proving: Proving): Promise<Snapshot> {
  const { reach, target, wanted, from, timeLimitMs } = proving;
  const end = steadyNow() + timeLimitMs;
  const known = await orGone(reach.builder(from).build(wanted.buildId));
  let agreed = '';
  return await pollUntil({ ...reach, calls: callsOfARead }, async () => {
    const snapshot = await see(reach, target, known ?? undefined);
    const against = problems(snapshot, wanted);
    const verdict = against.length === 0 ? 'live' : failed(snapshot, wanted) ? 'failed' : '';
    const twice = verdict !== '' && verdict === agreed;
    agreed = verdict;
    if (twice && verdict === 'live') return snapshot;
    if (twice || (verdict === '' && steadyNow() >= end))
      throw await unhealthy(proving, snapshot, against);
    return undefined;
  });
}

const failed = ({ deployment, service }: Snapshot, { buildId }: Wanted) =>
  deployment?.buildId === buildId && service.rollout?.status === 'FAILED';

/**
 * True if no container ever ran. Either Northflank has no free capacity, or the image is missing.
 */
const neverRan = ({ containers }: Snapshot, log: StartUpLog) =>
  log.last.length === 0 &&
  !containers.some(({ status }) => status === 'TASK_RUNNING' || status === 'TASK_FAILED');

async function unhealthy(proving: Proving, snapshot: Snapshot, against: string[]) {
  const { reach, target, wanted, timeLimitMs } = proving;
  const log = await logOrWhy(() => readStartUp(reach, snapshot, { target, wanted }));
  const what = `${nameOf(target)}: release ${wanted.sha.slice(0, 7)} (build ${wanted.buildId}) is not healthy`;
  const text = [
    `${what} (time limit: ${Math.round(timeLimitMs / 1000)} s):`,
    ...against.map((problem) => `- ${problem}`),
    ...('unread' in log ? [log.unread] : [...portMistake(log, target), ...lastWords(log.last)]),
    `See more: "Logs" of ${target.project}/${target.service} at Northflank`,
  ].join('\n');
  if (!('unread' in log) && neverRan(snapshot, log))
    return final(failures.rejectedByPlatform, text);
  // `strict` is false only for a rollback. `inside` checks everything except the health from
  // outside.
  const isLive = !wanted.strict && inside(snapshot, wanted).length === 0;
  return final(isLive ? failures.unhealthyRollback : failures.unhealthyRelease, text);
}

/**
 * Reads a log that explains a failure. If the log cannot be read, returns the reason instead,
 * because the failure must be reported even without its log.
 */
export async function logOrWhy<T>(read: () => Promise<T>): Promise<T | { unread: string }> {
  try {
    return await read();
  } catch (cause) {
    if (cancellation()?.aborted) throw cause;
    return { unread: `The log could not be read: ${(cause as Error).message}` };
  }
}

export const lastWords = (lines: string[]) =>
  lines.length > 0 ? ['The last lines of the log:', ...lines] : ['The log is empty.'];

const portMistake = ({ elsewhere }: StartUpLog, { port }: NorthflankTarget) =>
  elsewhere === null
    ? []
    : [
        `- port mismatch: it listens on ${elsewhere}, but traffic goes to port ${port}. Let it listen on $PORT ` +
          `or on port ${port} (8000 instead of 18789 is a common mistake)`,
      ];
