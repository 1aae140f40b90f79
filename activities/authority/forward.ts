import type { Entry } from '../../domain/contract/activities.ts';
import type { SealedPlan, Warrant } from '../../domain/deploy/plan.ts';
import type { SignedDecision } from '../../domain/config/config.ts';
import { verifySigned } from '../approval/verify-approvals.ts';
import { available, type ApprovalDeps } from '../approval/ruling.ts';
import { deployId as workflowIdOf } from '../../domain/deploy/wire.ts';
import { transient } from '../lib/fail.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { hasEnded, type ExecutionOf } from '../records/reconcile.ts';
import { hasEndedFailure, hashOf, notAfterReset, refused, unsealed } from './warrant.ts';

export type ForwardDeps = ApprovalDeps & {
  /**
   * Reads the state of a workflow run. If this function is absent, only the run of a deploy can
   * seal the end of the deploy.
   */
  executionOf?: ExecutionOf | undefined;
};

/** The body of the ledger entry that `verifyApprovals` writes before the first effect. */
export type Approved = { sealed: SealedPlan; signed: SignedDecision[] };

export const approvedKey = ({ deployId }: { deployId: string }) => `${deployId}/approved`;
export const rollingBackKey = ({ deployId }: { deployId: string }) => `${deployId}/rolling-back`;

/**
 * The greatest age of a sealed plan, in milliseconds. With an older plan, a forward effect is
 * refused.
 */
const oldestMs = 24 * 60 * 60_000;

/**
 * Checks that this deploy may change production now. The run that made the plan must ask. The
 * approvals must still count with the worker's own configuration. The deploy must be open, its
 * rollback must not have begun, and no newer deploy may have begun. The ledger must have the entry
 * about the first effect. Throws a final failure of type 'refused' if one of these is not true.
 * Throws a transient failure if the ledger does not answer.
 */
export async function mayGoForward(deps: ApprovalDeps, warrant: Warrant): Promise<void> {
  const { released } = await mayBegin(deps, warrant);
  if (!released) throw refused('the ledger has no entry about the first effect of this deploy');
}

/**
 * Makes all checks of `mayGoForward` except one: the entry about the first effect may be missing.
 */
export async function mayBegin(
  deps: ApprovalDeps,
  warrant: Warrant,
): Promise<{ released: Entry | null }> {
  const { deploy } = warrant;
  const { project, environment, deployId } = deploy;
  const now = (deps.now ?? Date.now)();
  if (warrant.purpose !== 'deploy') throw refused('its warrant allows no deploy');
  notAfterReset(warrant.runId);
  if (currentRun() !== warrant.runId) throw refused('its workflow run did not make the plan');
  if (now - Date.parse(warrant.sealedAt) > oldestMs) throw refused('its plan is older than 24 h');
  const [approved, closed, rollingBack, released, started] = await available(
    Promise.all([
      deps.ledger.find(approvedKey(deploy)),
      deps.ledger.find(`${deployId}/closed`),
      deps.ledger.find(rollingBackKey(deploy)),
      deps.ledger.find(`${deployId}/released`),
      deps.ledger.read({ project, environment, kinds: ['started'], limit: 1 }),
    ]),
  );
  if (closed) throw hasEndedFailure();
  if (rollingBack) throw refused('the rollback of this deploy has begun');
  if (started[0]?.deployId !== deployId) throw refused('a newer deploy of this place has begun');
  if (started[0].body['runId'] !== warrant.runId)
    throw refused('the ledger names another workflow run for this deploy');
  await verifySigned(deps, approvedBy(warrant, approved));
  return { released };
}

/**
 * Reads the ledger again, right before a change. Throws if one of these happened after
 * `mayGoForward`: this deploy has closed, its rollback has begun, or a newer deploy has begun. A
 * worker that was paused, or that has lost its Temporal server, learns this only from the ledger.
 */
export async function stillForward({ ledger }: ForwardDeps, { deploy }: Warrant): Promise<void> {
  const { project, environment, deployId } = deploy;
  const [closed, rollingBack, [newest]] = await available(
    Promise.all([
      ledger.find(`${deployId}/closed`),
      ledger.find(rollingBackKey(deploy)),
      ledger.read({ project, environment, kinds: ['started'], limit: 1 }),
    ]),
  );
  if (closed) throw hasEndedFailure();
  if (rollingBack) throw refused('the rollback of this deploy has begun');
  if (newest?.deployId !== deployId) throw refused('a newer deploy of this place has begun');
}

/**
 * Checks that this late rollback may begin. The caller must be the run that planned the rollback.
 * The rollback must not be closed, and no newer deploy of the place may have begun. Throws a final
 * failure of type 'refused' or 'ended' if one of these is not true. Throws a transient failure if
 * the ledger does not answer.
 */
export async function mayRollBackLate({ ledger }: ForwardDeps, warrant: Warrant): Promise<void> {
  const { project, environment, deployId } = warrant.deploy;
  if (currentRun() !== warrant.runId) throw refused('another workflow run planned the rollback');
  const [closed, started] = await available(
    Promise.all([
      ledger.find(`${deployId}/closed`),
      ledger.read({ project, environment, kinds: ['started'], limit: 1 }),
    ]),
  );
  if (closed) throw hasEndedFailure();
  if (started[0]?.deployId !== deployId || started[0].body['runId'] !== warrant.runId)
    throw refused('a newer deploy of this place has begun');
}

function approvedBy(warrant: Warrant, entry: Entry | null): Approved {
  const body = entry?.body as Partial<Approved> | undefined;
  if (!body?.sealed || !body.signed) throw refused('the ledger has no approval of this deploy');
  const { plan, digest } = body.sealed;
  const same = hashOf({ ...unsealed(plan), live: [] }) === warrant.planHash;
  if (!same || digest !== warrant.digest)
    throw refused('the ledger has the approval of another plan for this deploy');
  return { sealed: body.sealed, signed: body.signed };
}

/**
 * A rollback waits at most this long for the ledger, in milliseconds. `ofAnother` is for a rollback
 * that another workflow run orders, such as a recovery.
 */
const patienceMs = { ofItsRun: 250, ofAnother: 1000 };

/**
 * Checks that no newer deploy of this place has changed production. If one has, a rollback of this
 * deploy would replace the release of the newer deploy. A rollback must also work without the
 * ledger. If the ledger does not answer in time, a rollback in the deploy's own run continues. A
 * rollback in another run continues only if the Temporal server says that the deploy's run is open
 * or lost.
 */
export async function nothingNewer(deps: ForwardDeps, warrant: Warrant): Promise<void> {
  const { ledger } = deps;
  const { project, environment, deployId } = warrant.deploy;
  const itsRun = currentRun() === warrant.runId;
  const asked = Promise.all([
    ledger.read({ project, environment, kinds: ['released'], limit: 1 }),
    ledger.find(`${deployId}/closed`),
    ledger.find(approvedKey(warrant.deploy)),
  ]).catch(() => null);
  const ms = itsRun ? patienceMs.ofItsRun : patienceMs.ofAnother;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), ms).unref());
  const answer = await Promise.race([asked, late]);
  if (!answer) return itsRun ? undefined : await isOpenOrLost(deps, warrant);
  const [[newest], closed, approved] = answer;
  if (newest && newest.deployId !== deployId)
    throw refused(`the newer deploy ${newest.deployId} of this place has changed production`);
  if (closed) throw hasEndedFailure();
  if (itsRun) return;
  // A late rollback is recorded as released only by the run that planned it.
  const begun = warrant.purpose === 'rollback' ? newest : approved;
  if (!begun) throw refused('nobody approved this deploy, so it has changed nothing');
}

/**
 * Throws the failure of type 'ended' if another workflow run orders a read for a deploy that the
 * ledger knows as closed. So a run that a reset started ends at once, and does not watch the
 * release again. If the ledger does not answer within 1 s, the read continues.
 */
export async function notEnded({ ledger }: ForwardDeps, warrant: Warrant): Promise<void> {
  if (currentRun() === warrant.runId) return;
  const asked = ledger.find(`${warrant.deploy.deployId}/closed`).catch(() => null);
  const late = new Promise<null>((resolve) =>
    setTimeout(() => resolve(null), patienceMs.ofAnother).unref(),
  );
  if (await Promise.race([asked, late])) throw hasEndedFailure();
  notAfterReset(warrant.runId);
}

/**
 * Throws a transient failure if the run of the deploy is neither open nor lost. A run that has
 * closed its deploy is never open or lost again.
 */
async function isOpenOrLost({ executionOf }: ForwardDeps, { deploy, runId }: Warrant) {
  const id = workflowIdOf(deploy.project, deploy.environment);
  const execution = (await executionOf?.(id, runId)) ?? null;
  if (execution?.status === 'RUNNING' || (execution && hasEnded(execution))) return;
  throw transient(
    'The rollback waits for the ledger, because the Temporal server does not know the run of this ' +
      'deploy as open or lost.',
  );
}
