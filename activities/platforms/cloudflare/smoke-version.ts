import { failures } from '../../../domain/deploy/failures.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { secretsLocked } from '../../../domain/platforms/cloudflare/steps.ts';
import type { Activities } from '../../../domain/contract/activities.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { final } from '../../lib/fail.ts';
import { askPaths, failedOf, failedText, otherVersion } from '../../lib/health.ts';
import type { PathAnswer } from '../../lib/health.ts';
import { poll } from '../../lib/poll.ts';
import { nameOf, previewOf, short } from './place.ts';
import type { At } from './place.ts';
import { steadyNow } from '../../lib/clocks.ts';

type Step = Parameters<Activities['smokeVersion']>[0];

/**
 * Checks a version at its own address before the version gets traffic. Returns the number of
 * requested paths. Throws a final failure of type 'unhealthyRelease' if the check fails, or of type
 * 'misconfigured' if the version has no address.
 */
export async function smokeVersion(at: At, step: Step): Promise<{ asked: number }> {
  const { target, id, smoke, timing, deploy } = step;
  const origin = await previewOf(at, id);
  if (origin === null) throw noAddress(step);
  const answers = await onceThere(timing.startUpMs, () =>
    askPaths(
      { origin, access: target, health: target.health, name: 'version' },
      { smoke, confirmMs: timing.confirmMs },
    ),
  );
  const problems = [
    ...failedOf(answers).map(failedText),
    ...(await otherVersion({ version: target.version, origin, access: target }, deploy.sha)),
  ];
  if (problems.length === 0) return { asked: answers.length };
  throw final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${short(deploy.sha)} is not healthy at its own address, so it got no traffic:\n` +
      `${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      'The release is not live. Fix the problem and deploy the new commit.\n' +
      `Note: ${secretsLocked(target.worker)}.`,
  );
}

const pauseMs = 500;

/**
 * Requests all paths again until the new address works, for at most `withinMs`. In its first
 * seconds, a new address answers 404 at every path, or gives no answer.
 */
async function onceThere(
  withinMs: number,
  read: () => Promise<PathAnswer[]>,
): Promise<PathAnswer[]> {
  const end = steadyNow() + withinMs;
  const pause = () => sleep(pauseMs, undefined, { signal: cancellation() });
  return await poll({ pause }, async () => {
    const answers = await read();
    const nobody = answers.every(({ result: { status } }) => status === null || status === 404);
    return nobody && steadyNow() < end ? undefined : answers;
  });
}

const noAddress = ({ target }: Step) =>
  final(
    failures.misconfigured,
    `${nameOf(target)}: its versions have no address of their own, ` +
      'so Plimsoll cannot test a version before it gets traffic.\n' +
      'Set preview_urls: true in its wrangler file and deploy that commit with ' +
      'rollout: all-at-once. Or use rollout: all-at-once for every deploy.',
  );
