import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../../../domain/activities.ts';
import { failures } from '../../../domain/failures.ts';
import { cancellation } from '../../git/pulse.ts';
import { final, transient } from '../../lib/fail.ts';
import { askPaths, failedOf, toldOf } from './ask-version.ts';
import type { Answer } from './ask-version.ts';
import { nameOf, overrideOf, short } from './place.ts';

type Step = Parameters<Activities['holdShare']>[0];

/** While both serve, each can be asked at the production address: what fails in both is not of the release. */
export async function holdShare(step: Step): Promise<{ asked: number }> {
  const { timing } = step;
  const end = Date.now() + timing.segmentMs;
  let asked = 0;
  let alike: Answer[] = [];
  while (Date.now() < end) {
    const answers = await ask(step, step.id);
    const failed = failedOf(answers);
    asked += answers.length;
    alike = failed.length > 0 ? await failsAlike(step, failed) : [];
    await sleep(Math.min(timing.lookMs, Math.max(1, end - Date.now())), undefined, {
      signal: cancellation(),
    });
  }
  if (alike.length > 0) throw elsewhere(step, alike);
  return { asked };
}

const ask = ({ target, smoke, timing }: Step, id: string) =>
  askPaths(
    { target, origin: new URL(target.url).origin, headers: overrideOf(target, id) },
    { smoke, confirmMs: timing.confirmMs },
  );

const isBroken = ({ result: { ok, status } }: Answer) => !ok && (status === null || status >= 500);

/** Throws what the release before does not do. */
async function failsAlike(step: Step, failed: Answer[]): Promise<Answer[]> {
  const before = new Map((await ask(step, step.other)).map((answer) => [answer.path, answer]));
  const ours = failed.filter((answer) => {
    const other = before.get(answer.path);
    return !isBroken(answer) || !other || !isBroken(other);
  });
  if (ours.length === 0) return failed;
  throw final(
    failures.unhealthyRelease,
    `${nameOf(step.target)}: ${short(step.deploy.sha)} fails with 10 % of the traffic, and what it replaces does not:\n` +
      ours.map((answer) => `- ${toldOf(answer)}`).join('\n'),
  );
}

const elsewhere = ({ target, deploy }: Step, alike: Answer[]) =>
  transient(
    `${nameOf(target)}: ${short(deploy.sha)} has 10 % of the traffic and fails just as what it replaces: ` +
      `${alike.map(toldOf).join('; ')}. This outage is not of this release: retry when it is over.`,
  );
