import { failures } from '../../../domain/failures.ts';
import type { NorthflankTarget } from '../../../domain/plan.ts';
import { final } from '../../lib/fail.ts';
import type { Reach } from './connect.ts';
import { pollUntil } from './poll.ts';
import { problems } from './problems.ts';
import type { Wanted } from './problems.ts';
import { nameOf, orGone, see } from './sight.ts';
import type { Sight } from './sight.ts';
import { readStartUp } from './start-up-log.ts';
import type { StartUpLog } from './start-up-log.ts';

export type Proving = {
  reach: Reach;
  target: NorthflankTarget;
  wanted: Wanted;
  /** The service whose builds are deployed. */
  from: string;
  /** How long rollout and health may take. */
  patienceMs: number;
};

/** Calls of one look. */
export const callsOfALook = 3;

/**
 * Live, in two looks that agree: one answer of an API may be an old one. Final unhealthyRelease: its rollout failed
 * or it was not healthy in time. Final rejectedByPlatform: its containers never began to run.
 */
export async function proveLive(proving: Proving): Promise<Sight> {
  const { reach, target, wanted, from, patienceMs } = proving;
  const end = Date.now() + patienceMs;
  const known = await orGone(reach.builder(from).build(wanted.buildId));
  let agreed = '';
  return await pollUntil({ ...reach, calls: callsOfALook }, async () => {
    const sight = await see(reach, target, known ?? undefined);
    const against = problems(sight, wanted);
    const verdict = against.length === 0 ? 'live' : failed(sight, wanted) ? 'failed' : '';
    const twice = verdict !== '' && verdict === agreed;
    agreed = verdict;
    if (twice && verdict === 'live') return sight;
    if (twice || (verdict === '' && Date.now() >= end))
      throw await unhealthy(proving, sight, against);
    return undefined;
  });
}

const failed = ({ deployment, service }: Sight, { buildId }: Wanted) =>
  deployment?.buildId === buildId && service.rollout?.status === 'FAILED';

/** Nothing of it ever ran: the platform had no room, or no image. */
const neverRan = ({ containers }: Sight, log: StartUpLog) =>
  log.last.length === 0 &&
  !containers.some(({ status }) => status === 'TASK_RUNNING' || status === 'TASK_FAILED');

async function unhealthy(proving: Proving, sight: Sight, against: string[]) {
  const { reach, target, wanted, patienceMs } = proving;
  const log = await readStartUp(reach, sight, { target, wanted });
  const what = `${nameOf(target)}: release ${wanted.sha.slice(0, 7)} (build ${wanted.buildId}) is not healthy`;
  const text = [
    `${what} (it had ${Math.round(patienceMs / 1000)} s):`,
    ...against.map((problem) => `- ${problem}`),
    ...portMistake(log, target),
    ...lastWords(log.last),
    `See more: "Logs" of ${target.project}/${target.service} at Northflank`,
  ].join('\n');
  return final(
    neverRan(sight, log) ? failures.rejectedByPlatform : failures.unhealthyRelease,
    text,
  );
}

export const lastWords = (lines: string[]) =>
  lines.length > 0 ? ['Its last lines:', ...lines] : ['It wrote nothing.'];

const portMistake = ({ elsewhere }: StartUpLog, { port }: NorthflankTarget) =>
  elsewhere === null
    ? []
    : [
        `- port mismatch: it listens on ${elsewhere}, and traffic goes to port ${port}: let it listen on $PORT ` +
          'or on that port (8000 instead of 18789 is the classic mistake)',
      ];
