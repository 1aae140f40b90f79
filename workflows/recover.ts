import { sleep } from '@temporalio/workflow';
import type { LostDeploy } from '../domain/activities.ts';
import type { Cause, DeployReport, HostState, Outcome, Plan } from '../domain/plan.ts';
import { crossingWords } from '../domain/policy/forward-only.ts';
import { judgeLost } from '../domain/policy/lost.ts';
import { lostPage } from '../domain/policy/page.ts';
import { onHosts } from '../domain/policy/served.ts';
import { startAftermath } from './aftermath.ts';
import { Closed, sentence } from './closed.ts';
import { proveRestored, restoreAll } from './platforms/index.ts';
import { paging, restoring } from './proxies.ts';
import { Rollout } from './rollout.ts';
import { settleClosed } from './settle.ts';

/** An activity of the terminated run hears of its end by its next heartbeat. */
const graceMs = 15_000;

type End = { outcome: Outcome; detail: string };

/**
 * Runs under the id of the deploy that was lost, so it holds its slot: no deploy can start meanwhile, and where
 * one is open this cannot start. Ends fully old, or with a person called.
 */
export async function recover(lost: LostDeploy): Promise<DeployReport> {
  const rollout = new Rollout(lost);
  rollout.show({ deployId: lost.deployId });
  rollout.slot.hold({ ...lost, priority: 'normal' }, { gives: false });
  const { plan } = lost;
  const end = plan ? await wayBack(rollout, lost, plan) : untouched;
  const ended =
    end.outcome === 'aborted' ? { ...end, reasons: [`${lost.how}: ${end.detail}`] } : end;
  rollout.close(end.outcome);
  if (plan && end.outcome !== 'aborted') await aftermathOf(rollout, plan, end);
  rollout.notes.aside('page', () => paging.page(lostPage(lost, end.outcome, end.detail)));
  await settleClosed(rollout, 'reasons' in ended ? ended : undefined);
  await rollout.answered();
  return report(lost, rollout, end);
}

const untouched: End = { outcome: 'aborted', detail: 'it had not begun to touch production' };

async function wayBack(rollout: Rollout, lost: LostDeploy, plan: Plan): Promise<End> {
  const ago = lost.closedAt ? Date.now() - Date.parse(lost.closedAt) : graceMs;
  const cause: Cause = {
    kind: 'terminated',
    blames: 'person',
    detail: `the deploy ${lost.how} in the middle`,
  };
  rollout.seal({ plan, gates: [], digest: '' });
  rollout.enter('restore', { cause });
  rollout.declared = true;
  await rollout.deadMan.arm(plan);
  rollout.notes.parent(rollout.status);
  if (ago < graceMs) await sleep(graceMs - ago);
  try {
    return await restore(rollout, plan);
  } catch (failure) {
    const detail = sentence(failure);
    rollout.show({ stuck: null, cause: { ...cause, detail } });
    return { outcome: 'restore-failed', detail };
  }
}

async function restore(rollout: Rollout, plan: Plan): Promise<End> {
  const states = await look(rollout, plan);
  const found = judgeLost(plan, states);
  if (found === 'old') {
    rollout.restored(states);
    return { outcome: 'aborted', detail: `the release before is served: ${onHosts(states)}` };
  }
  if (found === 'foreign')
    throw new Closed('restore-failed', [
      `somebody made something else live meanwhile (${onHosts(states)}): nothing was changed`,
    ]);
  if (plan.forwardOnly !== undefined && found === 'restore')
    return { outcome: 'frozen', detail: `${onHosts(states)}: it brings ${crossingWords(plan)}` };
  if (found === 'no-way')
    throw new Closed('restore-failed', [plan.noReturn ?? 'a first deploy has no way back']);
  await restoreAll(rollout, plan);
  await proveRestored(rollout, plan);
  return { outcome: 'rolled-back', detail: `restored from ${onHosts(states)}` };
}

async function look(rollout: Rollout, plan: Plan): Promise<HostState[]> {
  let states: HostState[] = [];
  await rollout.insist(
    'look at what is served',
    async () => void (states = await restoring.inspectHosts({ target: plan.target })),
    plan.timing.restoreGiveUpMs,
  );
  return states;
}

async function aftermathOf({ status }: Rollout, plan: Plan, { outcome }: End) {
  if (status.cause) await startAftermath(status, { plan, cause: status.cause, outcome });
}

const report = (
  lost: LostDeploy,
  { declared }: Rollout,
  { outcome, detail }: End,
): DeployReport => ({
  deployId: lost.deployId,
  project: lost.project,
  environment: lost.environment,
  platform: lost.plan?.target.platform ?? 'vps',
  sha: lost.sha,
  outcome,
  reasons: [`it ${lost.how}: ${detail}`],
  touched: declared && outcome !== 'aborted',
});
