import type { Evidence } from '../../domain/contract/ledger.ts';
import type { Place } from '../../domain/deploy/place.ts';
import type { Outcome, Plan, Warrant } from '../../domain/deploy/plan.ts';
import { deployId as workflowIdOf } from '../../domain/deploy/wire.ts';
import { judgeLost } from '../../domain/rollback/lost.ts';
import { available } from '../approval/ruling.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { hasEnded } from '../records/reconcile.ts';
import { isPlanOf } from './entries.ts';
import { whyNotProven } from './evidence.ts';
import type { Guard, GuardDeps, Input } from './guard-types.ts';
import { ownFacts } from './own-facts.ts';
import { vouched } from './plans.ts';
import { endBody } from './seal-end.ts';
import { isLate, isSigned, refused, validWarrant, vouchedBy } from './warrant.ts';

type End = { entry: Input; sealedEnd: unknown; evidence: unknown };

/**
 * Checks that an entry about the end of a deploy is proven. This check is for deploys that changed
 * production.
 */
export async function trueEnd(deps: GuardDeps, warrant: Warrant, end: End) {
  const { outcome } = (end.entry['body'] ?? {}) as { outcome?: Outcome };
  if (isLate(warrant) && !failedOutcomes.includes(outcome))
    throw refused('a rollback proves no release');
  if (outcome === 'succeeded' || outcome === 'unproven') {
    if (currentRun() !== warrant.runId)
      throw refused('another workflow run wants to record the end of this deploy');
    if (outcome === 'succeeded') await proven(deps, warrant, end.evidence as Evidence | undefined);
    return;
  }
  const why = deps.seals.whyInvalid('evidence', endBody(warrant, outcome), end.sealedEnd);
  if (why) throw refused(`no worker sealed this end of the deploy: ${why}`);
}

/**
 * The largest difference between the clocks of the worker and of the Temporal server, in
 * milliseconds.
 */
const clockMs = 60_000;

async function proven(deps: GuardDeps, warrant: Warrant, evidence: Evidence | undefined) {
  const { deployId } = warrant.deploy;
  const released = await available(deps.ledger.find(`${deployId}/released`));
  const plan = released?.body['plan'] as Plan | undefined;
  if (!plan) throw refused('the ledger has no entry about the first effect of this deploy');
  isPlanOf(deps.seals, warrant, plan);
  const now = (deps.now ?? Date.now)();
  const since = Date.parse(released?.at ?? '') - clockMs;
  if (!evidence || !(evidence.startedAt >= since))
    throw refused('its watch does not begin after the first effect of this deploy');
  const why = whyNotProven(deps.seals, { plan, warrant, evidence, now });
  if (why) throw refused(`the success is not proven, because ${why}`);
}

const failedOutcomes: unknown[] = [
  'rolled-back',
  'rolled-back-still-failing',
  'rollback-failed',
  'rollback-not-approved',
];

export async function rolledBack({ ledger }: GuardDeps, { deploy }: Warrant) {
  const closed = await available(ledger.find(`${deploy.deployId}/closed`));
  if (!failedOutcomes.includes(closed?.body['outcome']))
    throw refused('the ledger does not say that this deploy failed');
}

/**
 * The guard of the activity that seals the end of a deploy. The deploy's own run may ask for it.
 * After this run has ended, a recovery may ask for it too.
 */
export const sealsEnd: Guard = async (deps, { input, work }) => {
  const warrant = validWarrant(deps.seals, input['warrant']);
  const { outcome } = input;
  if (!failedOutcomes.includes(outcome)) throw refused('this is not the end of a rollback');
  isSigned(warrant);
  await inItsRun(deps, { ...warrant.deploy, runId: warrant.runId });
  if (currentRun() !== warrant.runId)
    await servesPrevious(deps, warrant.deploy, { needed: outcome === 'rolled-back' });
  return await work({ warrant, outcome });
};

/**
 * Checks that the end of a deploy comes from its own run. After this run has ended, a recovery may
 * end the deploy too.
 */
async function inItsRun(
  { executionOf }: GuardDeps,
  { project, environment, runId }: Place & { runId: string },
) {
  if (currentRun() === runId) return;
  if (!executionOf || !hasEnded(await executionOf(workflowIdOf(project, environment), runId)))
    throw refused('the run of this deploy still runs, and only this run may end the deploy');
}

/** Checks that a deploy that has changed nothing is closed by its own run or by a recovery. */
export async function mayClose(deps: GuardDeps, { deployId, project, environment, key }: Input) {
  const place = { project: String(project), environment: String(environment) };
  const asked = deps.ledger.read({ ...place, kinds: ['started'], limit: 100 });
  const started = (await available(asked)).find((row) => row.deployId === deployId);
  if (!started || key !== `${String(deployId)}/closed`)
    throw refused('the ledger does not know this deploy');
  const runId = String(started.body['runId']);
  await inItsRun(deps, { ...place, runId });
  if (currentRun() !== runId) await servesPrevious(deps, { ...place, deployId: String(deployId) });
}

type About = Pick<Warrant['deploy'], 'project' | 'environment' | 'deployId'>;

/**
 * Checks that a lost deploy has changed nothing. The run of such a deploy has ended, so the worker
 * reads the hosts. If the deploy had begun, every host must serve the previous release.
 */
async function servesPrevious(
  deps: GuardDeps,
  { deployId, ...place }: About,
  { needed = true } = {},
): Promise<void> {
  if (!needed) return;
  const released = await available(deps.ledger.find(`${deployId}/released`));
  if (!released) return;
  const plan = released.body['plan'] as Plan;
  if (vouchedBy(deps.seals, plan).deploy.deployId !== deployId)
    throw refused('the ledger has the plan of another deploy');
  const states = await deps.inspectHosts({ target: ownFacts(deps.config(), place).target });
  if (judgeLost(plan, states) !== 'old')
    throw refused('this deploy has changed production, and its rollback is not done');
}

/** The guard of reverts and issues after a rollback. The ledger must contain the rollback. */
export const afterFailure: Guard = async (deps, call) => {
  await rolledBack(deps, vouchedBy(deps.seals, call.input['plan'] as Plan | undefined));
  return await vouched(deps, call);
};

/**
 * True if the entry closes a deploy whose plan was never sealed. Such a deploy has changed nothing.
 */
export function isUntouched({ body }: Input): boolean {
  const { outcome } = (body ?? {}) as { outcome?: unknown };
  return ['gate-closed', 'rejected', 'expired', 'aborted'].includes(String(outcome));
}

export const rollbackBegins: Guard = async ({ seals }, { input, work }) => {
  const warrant = validWarrant(seals, input['warrant']);
  isSigned(warrant);
  return await work({ deploy: warrant.deploy });
};
