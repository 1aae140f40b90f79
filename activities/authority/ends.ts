import type { Evidence } from '../../domain/contract/ledger.ts';
import type { Outcome, Plan, Warrant } from '../../domain/deploy/plan.ts';
import { notSureWhy } from '../../domain/messages/end.ts';
import { doubtfulEndPage } from '../../domain/messages/page.ts';
import { judgeLost } from '../../domain/rollback/lost.ts';
import { available } from '../approval/ruling.ts';
import { latestNow } from '../lib/clocks.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { isPlanOf } from './entries.ts';
import { whyNotProven } from './evidence.ts';
import type { GuardDeps, Input } from './guard-types.ts';
import { tellPeople } from './loud.ts';
import { ownFacts } from './own-facts.ts';
import { inItsRun } from './own-run.ts';
import { lookAt, sinceBefore } from './production.ts';
import { isLate, notAfterReset, refused, vouchedBy } from './warrant.ts';

type End = { entry: Input; evidence: unknown };

/**
 * Checks an entry that says that the release stays live. Only the run of the deploy may write this
 * entry. A success must be proven. If the outcome is 'unproven' and no approver decided to keep the
 * release, people are paged.
 */
export async function staysLive(deps: GuardDeps, warrant: Warrant, { entry, evidence }: End) {
  const { outcome } = (entry['body'] ?? {}) as { outcome?: Outcome };
  if (outcome !== 'succeeded' && outcome !== 'unproven')
    throw refused(`another activity must record the outcome "${String(outcome)}"`);
  if (isLate(warrant)) throw refused('a rollback proves no release');
  notAfterReset(warrant.runId);
  if (currentRun() !== warrant.runId)
    throw refused('another workflow run wants to record the end of this deploy');
  const plan = await planOf(deps, warrant);
  if (outcome === 'succeeded') proven(deps, { warrant, ...plan }, evidence as Evidence | undefined);
  else if (!(await isKept(deps, warrant)))
    await tellPeople(deps, doubtfulEndPage(plan.plan, outcome, notSureWhy.notKept));
}

/** The clocks of the worker and of the Temporal server may differ by this time, in milliseconds. */
const clockMs = 60_000;

async function planOf({ ledger, seals }: GuardDeps, warrant: Warrant) {
  const released = await available(ledger.find(`${warrant.deploy.deployId}/released`));
  const plan = released?.body['plan'] as Plan | undefined;
  if (!released || !plan)
    throw refused('the ledger has no entry about the first effect of this deploy');
  isPlanOf(seals, warrant, plan);
  return { plan, at: released.at };
}

type Claim = { plan: Plan; at: string; warrant: Warrant };

function proven(deps: GuardDeps, { plan, at, warrant }: Claim, evidence: Evidence | undefined) {
  const now = (deps.now ?? latestNow)();
  const since = Date.parse(at) - clockMs;
  if (!evidence || !(evidence.startedAt >= since))
    throw refused('its watch does not begin after the first effect of this deploy');
  const why = whyNotProven(deps.seals, { plan, warrant, evidence, now });
  if (why) throw refused(`the success is not proven, because ${why}`);
}

/** The largest number of rulings to read. A question ends after 200 decisions. */
const depth = 400;

/** True if a decision to keep the release counted. */
async function isKept({ ledger }: GuardDeps, { deploy }: Warrant): Promise<boolean> {
  const { deployId, project, environment } = deploy;
  const asked = ledger.read({ project, environment, kinds: ['ruling'], limit: depth });
  return (await available(asked)).some(({ deployId: of, body }) => {
    const { verdict, decision } = (body['ruling'] ?? {}) as { verdict?: string; decision?: string };
    const keeps = body['asked'] === 'keep' && decision === 'approve';
    return of === deployId && keeps && verdict === 'counted';
  });
}

/**
 * Checks that this caller may close a deploy that has changed nothing. The caller must be the run
 * of the deploy, or a recovery.
 */
export async function mayClose(deps: GuardDeps, entry: Input) {
  const { deployId, project, environment, key } = entry;
  const place = { project: String(project), environment: String(environment) };
  const asked = deps.ledger.read({ ...place, kinds: ['started'], limit: 100 });
  const started = (await available(asked)).find((row) => row.deployId === deployId);
  if (!started || key !== `${String(deployId)}/closed`)
    throw refused('the ledger does not know this deploy');
  const runId = String(started.body['runId']);
  notAfterReset(runId);
  await inItsRun(deps, { ...place, runId });
  const plan = await plannedEffect(deps, String(deployId));
  if (!plan) return;
  if (currentRun() === runId) await changedNothing(deps, plan, entry);
  else await servesPrevious(deps, plan);
}

/**
 * Returns the plan that was recorded before the first effect. Returns null if there was no effect.
 */
async function plannedEffect({ ledger, seals }: GuardDeps, deployId: string): Promise<Plan | null> {
  const released = await available(ledger.find(`${deployId}/released`));
  if (!released) return null;
  const plan = released.body['plan'] as Plan;
  if (vouchedBy(seals, plan).deploy.deployId !== deployId)
    throw refused('the ledger has the plan of another deploy');
  return plan;
}

/**
 * The run of the deploy says that the deploy has changed nothing. Reads every host to check this.
 * If a host does not answer or serves an unknown release, people are paged.
 */
async function changedNothing(deps: GuardDeps, plan: Plan, { body }: Input): Promise<void> {
  const states = await lookAt(deps, plan);
  const found = states && sinceBefore(vouchedBy(deps.seals, plan), states);
  if (found === 'kept') return;
  if (found === 'new') throw refused('this deploy has changed production, and must roll back');
  const { outcome } = (body ?? {}) as { outcome?: Outcome };
  const why = found === 'other' ? notSureWhy.otherServed : notSureWhy.unread;
  await tellPeople(deps, doubtfulEndPage(plan, outcome ?? 'aborted', why));
}

/**
 * Checks that a lost deploy has changed nothing. The run of such a deploy has ended, so the worker
 * reads the hosts. If the deploy had begun, every host must serve the previous release.
 */
async function servesPrevious(deps: GuardDeps, plan: Plan): Promise<void> {
  const states = await deps.inspectHosts({ target: ownFacts(deps.config(), plan).target });
  if (judgeLost(plan, states) !== 'old')
    throw refused('this deploy has changed production, and its rollback is not done');
}

/**
 * True if the outcome says that the deploy ended before its plan was sealed. Such a deploy has
 * changed nothing.
 */
export function isUntouched({ body }: Input): boolean {
  const { outcome } = (body ?? {}) as { outcome?: unknown };
  return ['gate-closed', 'rejected', 'expired', 'aborted'].includes(String(outcome));
}
