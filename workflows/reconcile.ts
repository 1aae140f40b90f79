import { condition, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { LostDeploy } from '../domain/activities.ts';
import { deployId } from '../domain/messages.ts';
import type { DeployReport, ReconcileReport } from '../domain/plan.ts';
import { sentence } from './closed.ts';
import { reading } from './proxies.ts';
import { recover } from './recover.ts';

/** A restore that is stuck goes on by itself: the next look at all the others must not wait for it. */
const patienceMs = 120_000;

/** Finds what was terminated, or lost with its history, and finishes each way back in a workflow of its own. */
export async function reconcile(input: { project?: string }): Promise<ReconcileReport> {
  const lost = await reading.findLost(input);
  const ends: ReconcileReport['deploys'] = lost.map((one) => ({
    ...placeOf(one),
    how: one.how,
    outcome: null,
    detail: 'it is being taken back; this goes on by itself',
  }));
  let open = lost.length;
  lost.forEach((one, at) => {
    void begin(one).then((found) => {
      Object.assign(ends[at] ?? {}, found);
      open -= 1;
    });
  });
  await condition(() => open === 0, patienceMs);
  return { deploys: ends };
}

const placeOf = ({ deployId: id, project, environment, sha }: LostDeploy) => ({
  deployId: id,
  project,
  environment,
  sha,
});

type Found = Pick<ReconcileReport['deploys'][number], 'outcome' | 'detail'>;

/** The id is the lock: where a deploy is open, nothing is begun. */
async function begin(lost: LostDeploy): Promise<Found> {
  const { project, environment, how } = lost;
  try {
    const child = await startChild(recover, {
      args: [lost],
      workflowId: deployId(project, environment),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `the way back of ${project} ${environment}, which ${how}`.slice(0, 190),
    });
    const { outcome, reasons }: DeployReport = await child.result();
    return { outcome, detail: reasons.join('; ') };
  } catch (failure) {
    const detail = `left alone: ${sentence(failure)}`;
    return { outcome: null, detail };
  }
}
