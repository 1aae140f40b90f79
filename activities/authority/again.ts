import type { Plan, Warrant } from '../../domain/deploy/plan.ts';
import { noHostAnswers } from '../../domain/messages/late-rollback.ts';
import { hasReturned } from '../../domain/rollback/returned.ts';
import { available } from '../approval/ruling.ts';
import { transient } from '../lib/fail.ts';
import { currentRun, withHeartbeat } from '../lib/temporal-context.ts';
import { inspectEach } from '../plan/inspect.ts';
import type { ForwardDeps } from './forward.ts';
import type { Guard } from './guard-types.ts';
import { ownFacts } from './own-facts.ts';
import { refused, sealWarrant, vouchedBy } from './warrant.ts';

/**
 * Seals a warrant to roll back a deploy a second time. The activity must find in the ledger that
 * the deploy was rolled back, and that nothing was deployed since then. The worker reads the hosts,
 * and returns null if no host that answers serves the release of the deploy again. A dead host must
 * not keep this release live on the other hosts. Only this workflow run can use the warrant. Throws
 * a transient failure if no host answers.
 */
export const sealsReturned: Guard = async (deps, { input, work }) => {
  const { seals, now = Date.now } = deps;
  const plan = (await work(input)) as Plan | null;
  if (!plan) return null;
  const { seal: _, ...known } = vouchedBy(seals, plan);
  const { project, environment } = known.deploy;
  if (project !== input['project'] || environment !== input['environment'])
    throw refused('the ledger has the plan of another place');
  if (known.purpose === 'adopt' || known.purpose === 'plan' || known.purpose === 'ask')
    throw refused('its warrant is not that of a deploy');
  const { target } = ownFacts(deps.config(), known.deploy);
  const { live, silent } = await withHeartbeat(() => inspectEach(deps.inspectHosts, target));
  if (live.length === 0) throw transient(noHostAnswers({ project, environment }, silent));
  if (!hasReturned(plan, live)) return null;
  const warrant = sealWarrant(seals, {
    ...known,
    purpose: 'again',
    runId: currentRun() ?? '',
    sealedAt: new Date(now()).toISOString(),
  });
  return { ...plan, warrant };
};

/** A warrant to roll back again is valid for this time, in milliseconds. */
const oldestMs = 24 * 60 * 60_000;

type Step = { direction: 'forward' | 'backward' | 'read'; name: string };

/**
 * Checks a step that rolls back again. Throws a final failure of type 'refused' if the step is no
 * part of a rollback, or if a newer deploy or an adoption has changed what should be live.
 */
export async function mayRollBackAgain(
  { ledger, now = Date.now }: ForwardDeps,
  warrant: Warrant,
  { direction, name }: Step,
): Promise<void> {
  const { project, environment, deployId } = warrant.deploy;
  if (direction === 'forward' || name === 'pruneReleases')
    throw refused('its warrant allows only a rollback');
  if (currentRun() !== warrant.runId)
    throw refused('another workflow run found that the release is served again');
  if (now() - Date.parse(warrant.sealedAt) > oldestMs) throw refused('its warrant is too old');
  const kinds: ['released', 'adopted'] = ['released', 'adopted'];
  const [newest] = await available(ledger.read({ project, environment, kinds, limit: 1 }));
  if (newest?.kind !== 'released' || newest.deployId !== deployId)
    throw refused('a newer deploy of this place has changed production');
}
