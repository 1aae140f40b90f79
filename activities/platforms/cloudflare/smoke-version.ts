import { failures } from '../../../domain/failures.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../../../domain/activities.ts';
import { cancellation } from '../../git/pulse.ts';
import { final } from '../../lib/fail.ts';
import { askPaths, failedOf, otherVersion, toldOf } from './ask-version.ts';
import type { Answer } from './ask-version.ts';
import { nameOf, previewOf, short } from './place.ts';
import type { At } from './place.ts';

type Step = Parameters<Activities['smokeVersion']>[0];

/** Asked at its own, immutable address, before anybody is sent there. */
export async function smokeVersion(at: At, step: Step): Promise<{ asked: number }> {
  const { target, id, smoke, timing, deploy } = step;
  const origin = await previewOf(at, id);
  if (origin === null) throw noAddress(step);
  const question = { target, origin };
  const answers = await onceThere(timing.startUpMs, () =>
    askPaths(question, { smoke, confirmMs: timing.confirmMs }),
  );
  const problems = [
    ...failedOf(answers).map(toldOf),
    ...(await otherVersion(question, deploy.sha)),
  ];
  if (problems.length === 0) return { asked: answers.length };
  throw final(
    failures.unhealthyRelease,
    `${nameOf(target)}: ${short(deploy.sha)} is not healthy at its own address, so it got no traffic:\n` +
      `${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      'Nothing of it is live. Mend it and deploy the new commit.',
  );
}

const pauseMs = 500;

/** An address is there within seconds; before that it is nobody's. */
async function onceThere(withinMs: number, look: () => Promise<Answer[]>): Promise<Answer[]> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answers = await look();
    const nobody = answers.every(({ result: { status } }) => status === null || status === 404);
    if (!nobody || Date.now() >= end) return answers;
    await sleep(pauseMs, undefined, { signal: cancellation() });
  }
}

const noAddress = ({ target }: Step) =>
  final(
    failures.misconfigured,
    `${nameOf(target)}: its versions have no address of their own, so none can be tried before it gets traffic.\n` +
      'Set preview_urls: true in its wrangler file and deploy that all at once, or use rollout: all-at-once.',
  );
