import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { final, transient } from '../../lib/fail.ts';
import { askPaths, failedOf, failedText } from '../../lib/health.ts';
import type { PathAnswer } from '../../lib/health.ts';
import { nameOf, overrideOf, short } from './place.ts';
import { steadyNow } from '../../lib/clocks.ts';

type Step = Parameters<Activities['holdShare']>[0];

/**
 * Checks the new version at the production address, while two versions share the traffic. The check
 * lasts `timing.segmentMs`. Throws a final failure of type 'unhealthyRelease' if only the new
 * version fails. If both versions fail at the end, the release is not the cause, so this function
 * throws a transient failure.
 */
export async function holdShare(step: Step): Promise<{ asked: number }> {
  const { timing } = step;
  const end = steadyNow() + timing.segmentMs;
  let asked = 0;
  let alike: PathAnswer[] = [];
  while (steadyNow() < end) {
    const answers = await ask(step, step.id);
    const failed = failedOf(answers);
    asked += answers.length;
    alike = failed.length > 0 ? await previousReleaseFailsToo(step, failed) : [];
    await sleep(Math.min(timing.sampleMs, Math.max(1, end - steadyNow())), undefined, {
      signal: cancellation(),
    });
  }
  if (alike.length > 0) throw elsewhere(step, alike);
  return { asked };
}

const ask = ({ target, smoke, timing }: Step, id: string) =>
  askPaths(
    {
      origin: new URL(target.url).origin,
      headers: overrideOf(target, id),
      access: target,
      health: target.health,
      name: 'version',
    },
    { smoke, confirmMs: timing.confirmMs },
  );

const isBroken = ({ result: { ok, status } }: PathAnswer) =>
  !ok && (status === null || status >= 500);

/**
 * Returns `failed` if the previous version fails at the same paths. If the previous version works
 * at one of these paths, throws a final failure of type 'unhealthyRelease' with this path.
 */
async function previousReleaseFailsToo(step: Step, failed: PathAnswer[]): Promise<PathAnswer[]> {
  const before = new Map((await ask(step, step.other)).map((answer) => [answer.path, answer]));
  const ours = failed.filter((answer) => {
    const other = before.get(answer.path);
    return !isBroken(answer) || !other || !isBroken(other);
  });
  if (ours.length === 0) return failed;
  throw final(
    failures.unhealthyRelease,
    `${nameOf(step.target)}: ${short(step.deploy.sha)} fails with 10 % of the traffic, but the previous version does not:\n` +
      ours.map((answer) => `- ${failedText(answer)}`).join('\n'),
  );
}

const elsewhere = ({ target, deploy }: Step, alike: PathAnswer[]) =>
  transient(
    `${nameOf(target)}: ${short(deploy.sha)} has 10 % of the traffic and fails in the same way as the previous version: ` +
      `${alike.map(failedText).join('; ')}. This is an external outage: retry when it is over.`,
  );
